/*
 * The ways in which servers and their libraries write a character when they
 * quote a text: in URLs, in JSON and other string literals, in HTML.  Pure;
 * knows nothing of keys.  Called by the search for a key in responses.
 *
 *	%2F %2f %252F %25252F		URLs, also a URL within a URL
 *	\/ \u002F \u002f \x2F \x2f	literals; the backslash up to 7 times,
 *					as literals within literals have it
 *	&#47; &#0047; &#x2F; &#X2f;	HTML and XML, up to 7 digits; also
 *	&sol; &plus; &equals;		with "&amp;" for the "&"
 *	&lowbar; &period; &colon;
 */
#ifndef UPSTREAM_ESCAPE_H
#define UPSTREAM_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* The longest of them: &amp;#x000002f; */
#define ESCAPE_MAX	15

#define ESCAPE_BACKSLASHES	7	/* at most, at the start of one */

enum escape {
	ESCAPE_NONE,		/* the text does not begin with an escape */
	ESCAPE_READ,
	ESCAPE_CUT,		/* it may, if the text goes on accordingly */
};

/* The escape at the beginning of the text: its character and its length. */
enum escape escape_read(struct text, char *c, size_t *n);

static inline bool
escape_begins_with(char c)
{
	return c == '%' || c == '\\' || c == '&';
}

/* Whether an escape may begin somewhere in the text. */
bool	escape_may_begin(struct text);

/*
 * The greatest length of an escape that begins with these two bytes; 0: none
 * does.  It has no branch, since texts are unpredictable.
 */
static inline size_t
escape_bound(char first, char second)
{
	extern const uint8_t escape_bounds[4][256];

	return escape_bounds[(first == '%') | (first == '\\') << 1 |
	    (first == '&') * 3][(uint8_t)second];
}

/*
 * The escape at the end of the text: its character and its length; the longest,
 * if one backslash less is an escape, too.  0: there is none.
 */
size_t	escape_ending(struct text, char *c);

/*
 * The beginning of an escape that may go on behind the text's end; the text's
 * length if there is none.
 */
size_t	escape_cut(struct text);

#endif
