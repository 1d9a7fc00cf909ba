/*
 * What of a key must not come back in a response, and the search for it in a
 * text.  Pure but for the memory; knows nothing of messages or streams.
 * Called by egress for heads, by reflection for bodies.
 *
 * Looked for are
 *
 * - the key's value, without the "=" at its end, which base64 may leave out,
 *   and without the "essu_" at its beginning; the same in the alphabet of
 *   URLs ("-" and "_" for "+" and "/");
 * - what is in it: an "essu_" key that holds another key in base64; the last
 *   part of "id:secret" in base64, which is a credential by itself;
 *
 * each as it is, and with any of its characters written as in escape.h,
 * mixed in whatever way.  Nothing else is ever found.
 */
#ifndef UPSTREAM_NEEDLES_H
#define UPSTREAM_NEEDLES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "conf/conf.h"
#include "upstream/sieve.h"

/*
 * A value of fewer bytes, which no API makes, is not looked for: it stands in
 * texts by chance.  So does a short part of a value, a password perhaps, or
 * what follows "essu_".
 */
#define NEEDLE_MIN	8
#define NEEDLE_PART_MIN	16

/* Longer ones, and those that hold "%", "\" or "&", only as they are. */
#define NEEDLE_ESCAPED_MAX	512

struct needle {
	struct text text;		/* in the room */
	bool escaped;			/* looked for in escapes, too */
};

struct needles {
	void *room;
	size_t size;			/* of that, bytes */
	struct needle v[5];
	size_t n;
	struct sieve sieve;		/* of those that are escaped */
	struct sieve raw;		/* of the others */
	size_t shortest, longest;	/* of them, bytes */
	size_t reach;			/* the longest text of one */
};

/* Bytes of the room that is needed for a value of so many; a secret's. */
size_t	needles_room(size_t length);

/*
 * Keeps nothing of the key.  The room is all zero, aligned as for uint64_t, and
 * the needles' until needles_release().
 */
void	needles_init(struct needles *, const struct conf_key *, void *room);

/* Wipes the room.  Fine for what is all zero. */
void	needles_release(struct needles *);

struct sighting {
	bool found;
	/*
	 * From here to the text's end may be the beginning of one; the
	 * text's length where there is none.  At most reach - 1 bytes.
	 */
	size_t suspect;
};
struct sighting needles_search(const struct needles *, struct text);

/* One of them is in the text. */
bool	needles_found(const struct needles *, struct text);

/*
 * Eight bytes or more in a row of one of them are in the text, or it has
 * characters that begin escapes, in which they could be: nothing to be
 * written down.
 */
bool	needles_touch(const struct needles *, struct text);

#endif
