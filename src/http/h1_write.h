/*
 * The bytes of HTTP/1.1 messages: heads, chunks and trailers from their parts.
 * The parts have passed the rules; nothing is checked here.
 */
#ifndef HTTP_H1_WRITE_H
#define HTTP_H1_WRITE_H

#include "base/buf.h"
#include "http/head.h"

/* How the message tells the end of its body. */
enum h1_body {
	H1_BODY_NONE,
	H1_BODY_LENGTH,
	H1_BODY_CHUNKED,
	H1_BODY_CLOSE,		/* by the end of the link */
};

/* The value of Connection; most messages have none. */
enum h1_connection {
	H1_CONNECTION_NONE,
	H1_CONNECTION_CLOSE,
	H1_CONNECTION_KEEP,
};

/*
 * A head with its empty line.  Host comes from head.authority; Host of a
 * request and Content-Length, Transfer-Encoding and Connection of the list are
 * left out: body (with head.length) and connection determine them.
 */
void	h1_write_request(struct buf *, const struct head *, enum h1_body,
	    enum h1_connection);
void	h1_write_response(struct buf *, const struct head *, enum h1_body,
	    enum h1_connection);

/* n bytes as one chunk, nothing for n == 0. */
void	h1_write_chunk(struct buf *, const uint8_t *, size_t n);

/* The last chunk, the trailers if not NULL, and the empty line. */
void	h1_write_chunks_end(struct buf *, const struct fields *trailers);

#endif
