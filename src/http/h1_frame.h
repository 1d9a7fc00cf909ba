/*
 * What a parsed HTTP/1.1 head means: where its body ends (RFC 9112 section 6),
 * which server it addresses (section 3.2) and whether the connection goes on
 * (section 9.3).  Everything that could be understood in two ways is refused.
 */
#ifndef HTTP_H1_FRAME_H
#define HTTP_H1_FRAME_H

#include <stdbool.h>

#include "http/head.h"

/*
 * Sets authority, framing and length of a request.  NULL, or a static text that
 * says what is wrong: Host is missing in 1.1, repeated, invalid, or differs
 * from an absolute target (it may be empty without one); Content-Length or
 * Transfer-Encoding are not strict, or both there; Connection has an option
 * that is refused, or more than a hundred.
 */
const char *h1_frame_request(struct head *);

/*
 * Sets framing and length of a response; to_head: the request was HEAD.  A
 * response that never has a body (to HEAD, 304) still gets the framing of the
 * response it stands for; h1_has_body() says whether a body follows.  Returns a
 * text where its framing or Connection is not strict, and for 101.
 */
const char *h1_frame_response(struct head *, bool to_head);

/* A body follows, perhaps an empty one that has to be read. */
bool	h1_has_body(const struct head *, bool to_head);

/* The sender is willing to go on with the connection. */
bool	h1_is_persistent(const struct head *);

#endif
