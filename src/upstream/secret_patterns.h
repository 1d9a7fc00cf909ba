/*
 * The texts of a key that must not come back in a response, and the search for
 * them in a text.  Pure but for the memory; knows nothing of messages or
 * streams.  Called by call for heads, by reflection for bodies.
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
#ifndef UPSTREAM_SECRET_PATTERNS_H
#define UPSTREAM_SECRET_PATTERNS_H

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
#define SECRET_PATTERN_MIN	8
#define SECRET_PATTERN_PART_MIN	16

/*
 * Longer ones, and those with "%", "\" or "&", are searched for unescaped only.
 */
#define SECRET_PATTERN_ESCAPED_MAX	512

struct secret_pattern {
	struct text text;		/* in the room */
	bool escaped;			/* searched for in escapes, too */
};

struct secret_patterns {
	void *room;
	size_t size;			/* of the room, in bytes */
	struct secret_pattern v[5];
	size_t n;
	struct sieve sieve;		/* of those that are escaped */
	struct sieve raw;		/* of the others */
	size_t shortest, longest;	/* of the secret patterns, in bytes */
	size_t reach;			/* the longest text that one can be
					   written as */
};

/* The bytes of room for a value of this length; the room is secret memory. */
size_t	secret_patterns_room(size_t length);

/*
 * Keeps no pointer to the key.  The room is all zero, aligned as for uint64_t,
 * and belongs to the secret patterns until secret_patterns_release().
 */
void	secret_patterns_init(struct secret_patterns *, const struct conf_key *,
	    void *room);

/* Wipes the room.  Fine for secret patterns that are all zero. */
void	secret_patterns_release(struct secret_patterns *);

struct sighting {
	bool found;
	/*
	 * From here to the text's end may be the beginning of a pattern; the
	 * text's length if there is none.  At most reach - 1 bytes.
	 */
	size_t suspect;
};
struct sighting secret_patterns_search(const struct secret_patterns *,
	    struct text);

/* Whether one of them is in the text. */
bool	secret_patterns_found(const struct secret_patterns *, struct text);

/*
 * Whether eight bytes or more in a row of one of them are in the text, or it
 * has characters that begin escapes, which could hide them: then it must not be
 * logged.
 */
bool	secret_patterns_touch(const struct secret_patterns *, struct text);

#endif
