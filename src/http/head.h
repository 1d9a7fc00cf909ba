/*
 * The head of a message as parsed parts: a request, a response, an interim
 * response or trailers.  Codecs make and take them; the parts have passed the
 * rules of the protocol version.  The fields are all that came, in order, with
 * Host and those that framed the message.
 */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "http/fields.h"

enum head_kind {
	HEAD_REQUEST,
	HEAD_RESPONSE,		/* final: 200 to 999 */
	HEAD_INTERIM,		/* 100 to 199, but not 101 */
	HEAD_TRAILERS,
};

/*
 * How the end of the body is told (RFC 9112 section 6.3).  A response to HEAD
 * and a 304 tell the framing of the response they stand for, with no body.
 */
enum body_framing {
	BODY_NONE,		/* there is none and cannot be any */
	BODY_LENGTH,		/* head.length bytes, also 0 */
	BODY_STREAM,		/* chunked, or an HTTP/2 stream of open end */
	BODY_UNTIL_CLOSE,	/* a response up to the end of the link */
};

struct head {
	enum head_kind kind;
	uint8_t version;	/* 10, 11 or 20: 1.0, 1.1, 2 */
	uint16_t status;	/* of a response */
	struct text method;	/* of a request */
	struct text target;	/* origin or asterisk form, as it came */
	struct text authority;	/* that of an absolute target, or Host; empty
				   where Host is empty, and in a 1.0 request
				   without Host */
	bool absolute;		/* the target came in absolute form */
	enum body_framing framing;
	uint64_t length;
	struct fields fields;
};

/*
 * A copy whose texts and fields all live in the arena.  The copy's field list
 * must not grow.
 */
struct head	*head_copy(struct arena *, const struct head *);

/* By its framing there is no body, or an empty one. */
bool		 head_has_no_body(const struct head *);

/* GET, HEAD, OPTIONS, TRACE, PUT, DELETE (RFC 9110 section 9.2.2). */
bool		 method_is_idempotent(struct text method);

/*
 * The client waits for "100 Continue" before it sends the body (RFC 9110
 * section 10.1.1).
 */
bool		 head_expects_continue(const struct head *);

/*
 * The seconds that the server keeps the connection for the next request, by
 * "Keep-Alive: timeout=5", which many servers send and no current RFC defines.
 * False: the field is missing or cannot be read.
 */
bool		 head_keeps_alive(const struct head *, uint64_t *seconds);

/* The reason phrase registered for a status, or "". */
const char	*status_reason(unsigned status);

#endif
