/*
 * The characters of a path as they are written, encoded or not.  Pure; for
 * the readings alone.
 */
#ifndef POLICY_CHARACTER_H
#define POLICY_CHARACTER_H

#include <stdbool.h>

#include "base/text.h"

struct character {
	unsigned c;			/* a byte */
	bool encoded;			/* it was written "%41" */
};

/*
 * Takes the character at p, which must be before end, and returns where the
 * next begins.  A "%" that encodes nothing is a character itself.
 */
const char	*character_take_once(const char *p, const char *end,
		    struct character *);

/* The same; with twice, "%2541" and "%25%34%31" are "A", too. */
const char	*character_take(const char *p, const char *end, bool twice,
		    struct character *);

/* RFC 3986 section 2.3: encoded or not, it means the same. */
static inline bool
character_is_unreserved(unsigned c)
{
	return c < 0x80 && (ascii_is_alnum((char)c) || c == '-' || c == '.' ||
	    c == '_' || c == '~');
}

/* Some servers cut a path here: parameters, and the same characters decoded. */
static inline bool
character_is_cut(unsigned c)
{
	return c == ';' || c == '?' || c == '#' || c == '\0';
}

#endif
