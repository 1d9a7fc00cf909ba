/*
 * The syntax of HTTP/1.1 messages (RFC 9112): where a section ends, and what
 * its lines say.  Strict: anything not exactly as written there is H1_BAD.
 * Keeps no bytes and knows no state of a connection.
 *
 * A section is a run of lines that ends with an empty one: a request head, a
 * response head, or trailers (which may be the empty line alone).
 */
#ifndef HTTP_H1_PARSE_H
#define HTTP_H1_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/codec.h"
#include "http/fields.h"
#include "http/h1_line.h"
#include "http/head.h"

/* How much of a section that comes in pieces was checked; zeroed at first. */
struct h1_scan {
	size_t seen;		/* bytes */
	size_t line;		/* the start of the unfinished line */
	size_t checked;		/* lines before this one are valid */
	unsigned fields;	/* so many of them were fields */
};

/*
 * Looks for the end of the section that starts at p; on H1_OK it is len bytes
 * long.  On H1_MORE call again with the same bytes and more behind them:
 * earlier bytes are not looked at again, except those of the unfinished line,
 * once.  An invalid line is refused before the end has come, for the same
 * reason as with it.
 */
enum h1_result	h1_find_end(enum h1_section, const char *p, size_t n,
		    const struct codec_limits *, struct h1_scan *,
		    size_t *len, struct h1_why *);

/*
 * Parse a section whose end was found.  The texts of the head point into it;
 * fields go into the list, which is emptied first, and head.fields is a copy
 * of the list's handle.  Framing is not decided here, see h1_frame.h.
 */
enum h1_result	h1_parse_request(const char *p, size_t n,
		    const struct codec_limits *, struct fields *,
		    struct head *, struct h1_why *);
enum h1_result	h1_parse_response(const char *p, size_t n,
		    const struct codec_limits *, struct fields *,
		    struct head *, struct h1_why *);
enum h1_result	h1_parse_trailers(enum h1_section, const char *p, size_t n,
		    const struct codec_limits *, struct fields *,
		    struct head *, struct h1_why *);

/*
 * The parts of a request head that was refused, or whose end never came, which
 * codec_events.refused() may name.  More bytes behind those for which a head is
 * refused change nothing.
 */
void		h1_parse_start(const char *p, size_t n,
		    const struct codec_limits *, struct head *);

/*
 * A chunk's first line (RFC 9112 section 7.1): on H1_OK it is len bytes long
 * with its CRLF.  Lines are bounded by H1_CHUNK_LINE.
 *
 * The grammar has no blanks between the size and the CRLF.  Servers that
 * reserve a fixed width for the size put some there, so responses may have
 * H1_CHUNK_PADDING of them, which are not passed on; requests may have none.
 */
#define H1_CHUNK_LINE		1024
#define H1_CHUNK_PADDING	16
enum h1_result	h1_parse_chunk(const char *p, size_t n, size_t padding,
		    uint64_t *size, size_t *len, struct h1_why *);

#endif
