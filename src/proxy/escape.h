/*
 * How servers and their libraries write a character when they quote a text:
 * in URLs, in JSON and other string literals, in HTML.  Pure; knows nothing
 * of keys.  Called by the search for a key in responses.
 *
 *	%2F %2f %252F %25252F		URLs, also a URL within a URL
 *	\/ \u002F \u002f \x2F \x2f	literals; the backslash up to 7 times,
 *					as literals within literals have it
 *	&#47; &#0047; &#x2F; &#X2f;	HTML and XML, up to 7 digits; also
 *	&sol; &plus; &equals;		with "&amp;" for the "&"
 *	&lowbar; &period; &colon;
 */
#ifndef PROXY_ESCAPE_H
#define PROXY_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* The longest of them: &amp;#x000002f; */
#define ESCAPE_MAX	15

enum escape {
	ESCAPE_NONE,		/* the text does not begin with one */
	ESCAPE_READ,
	ESCAPE_CUT,		/* it may, if the text goes on so */
};

/* What the text begins with: the character and how long it is written. */
enum escape escape_read(struct text, char *c, size_t *n);

static inline bool
escape_begins_with(char c)
{
	return c == '%' || c == '\\' || c == '&';
}

/*
 * Walks the places in a text where one may begin, in order.  They are rare
 * in most texts, so many bytes are looked at together.
 */
struct escape_walk {
	const char *block, *next, *end;
	uint64_t bits;		/* places in the block, from its start */
};
void		escape_walk_start(struct escape_walk *, struct text);
const char	*escape_walk_next(struct escape_walk *);	/* or NULL */

#endif
