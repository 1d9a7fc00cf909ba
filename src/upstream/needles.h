/*
 * The texts of a key that must not come back in a response, and the search for
 * them in a text.  Pure but for the memory; knows nothing of messages or
 * streams.  Called by egress for heads, by reflection for bodies.
 *
 * These are searched for:
 *
 * - the key's value, without the "=" at its end, which base64 may leave out,
 *   and without the "essu_" at its beginning; the same in the alphabet of
 *   URLs ("-" and "_" for "+" and "/");
 * - the texts inside it: an "essu_" key that holds another key in base64; the
 *   last part of "id:secret" in base64, which is a credential by itself;
 *
 * each as it is, and with any of its characters escaped as in escape.h, in any
 * mixture.  Nothing else is ever found.
 */
#ifndef UPSTREAM_NEEDLES_H
#define UPSTREAM_NEEDLES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "conf/conf.h"
#include "upstream/sieve.h"

/*
 * A value of fewer bytes, which no API makes, is not searched for, because it
 * occurs in texts by chance.  The same holds for a short part of a value, such
 * as a password, or for a short text after "essu_".
 */
#define NEEDLE_MIN	8
#define NEEDLE_PART_MIN	16

/*
 * Longer ones, and those with "%", "\" or "&", are searched for unescaped only.
 */
#define NEEDLE_ESCAPED_MAX	512

struct needle {
	struct text text;		/* in the room */
	bool escaped;			/* searched for in escapes, too */
};

struct needles {
	void *room;
	size_t size;			/* of the room, in bytes */
	struct needle v[5];
	size_t n;
	struct sieve sieve;		/* of those that are escaped */
	struct sieve raw;		/* of the others */
	size_t shortest, longest;	/* of the needles, in bytes */
	size_t reach;			/* the longest text that one can be
					   written as */
};

/* The bytes of room for a value of this length; the room is secret memory. */
size_t	needles_room(size_t length);

/*
 * Keeps no pointer to the key.  The room is all zero, aligned as for uint64_t,
 * and belongs to the needles until needles_release().
 */
void	needles_init(struct needles *, const struct conf_key *, void *room);

/* Wipes the room.  Fine for needles that are all zero. */
void	needles_release(struct needles *);

struct sighting {
	bool found;
	/*
	 * From here to the text's end may be the beginning of a needle; the
	 * text's length if there is none.  At most reach - 1 bytes.
	 */
	size_t suspect;
};
struct sighting needles_search(const struct needles *, struct text);

/* Whether one of them is in the text. */
bool	needles_found(const struct needles *, struct text);

/*
 * Whether eight bytes or more in a row of one of them are in the text, or it
 * has characters that begin escapes, which could hide them: then it must not be
 * logged.
 */
bool	needles_touch(const struct needles *, struct text);

#endif
