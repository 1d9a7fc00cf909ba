/*
 * The lines of HTTP/1.1 messages (RFC 9112 sections 2 to 5): request lines,
 * status lines and fields.  Strict: anything not exactly as written there is
 * H1_BAD.
 *
 * Callers pass a line with its CRLF, or a whole section: these functions look
 * as far as the LF.
 */
#ifndef HTTP_H1_LINE_H
#define HTTP_H1_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "http/fields.h"
#include "http/head.h"

enum h1_result {
	H1_OK,
	H1_MORE,		/* some of it has not come yet */
	H1_BAD,
	H1_TOO_LARGE,
	H1_TARGET_TOO_LONG,
};

enum h1_section { H1_REQUEST, H1_RESPONSE, H1_REQUEST_TRAILERS,
    H1_RESPONSE_TRAILERS };

/*
 * The parser's finding with H1_BAD, of which h1_complaint.h makes a text.  Not
 * set with any other result.
 */
struct h1_why {
	const char *at;		/* where it stopped; NULL: what needs no
				   place */
	const char *part;	/* static: the part that is wrong; NULL: found
				   by the place */
	const char *what;	/* static: the fault of the part; NULL: the byte
				   at the place */
};

static inline bool
h1_is_trailers(enum h1_section section)
{
	return section == H1_REQUEST_TRAILERS ||
	    section == H1_RESPONSE_TRAILERS;
}

/* The byte at this place is not allowed. */
static inline enum h1_result
h1_bad_byte(struct h1_why *why, const char *at)
{
	*why = (struct h1_why){ .at = at };
	return H1_BAD;
}

/* A fault of a part, as in struct h1_why. */
static inline enum h1_result
h1_bad(struct h1_why *why, const char *at, const char *part, const char *what)
{
	*why = (struct h1_why){ .at = at, .part = part, .what = what };
	return H1_BAD;
}

/* Each moves *at behind the line, up to end, and points into it. */

/* method SP target SP version CRLF */
enum h1_result	h1_line_request(const char **at, const char *end,
		    size_t max_target, struct head *, struct h1_why *);
/* version SP 3DIGIT [ SP [ reason ] ] CRLF */
enum h1_result	h1_line_status(const char **at, const char *end,
		    struct head *, struct h1_why *);
/* name ":" OWS value OWS CRLF */
enum h1_result	h1_line_field(enum h1_section, const char **at,
		    struct field *, struct h1_why *);

/* Fields from p on and the empty line at their end, at most max of them. */
enum h1_result	h1_line_fields(enum h1_section, const char *p,
		    const char *end, unsigned max, struct fields *,
		    struct h1_why *);

/* 10 for "HTTP/1.0", 11 for "HTTP/1.1", otherwise 0. */
uint8_t		h1_line_version(const char *p, const char *end);

/*
 * The target has one of the forms of RFC 9112 section 3.2, but not the
 * authority form.  The authority of an absolute one is taken off.
 */
enum h1_result	h1_line_check_form(struct head *, struct h1_why *);

#endif
