/*
 * The parts of the output of an HTTP/1.1 codec, in order: the stream of each,
 * and how much of it is framing and body.  So a stream can be told which of its
 * bytes have left, although bytes of another stream lie before or behind them.
 * Private to the HTTP/1.1 codec.
 */
#ifndef HTTP_H1_SENT_H
#define HTTP_H1_SENT_H

#include "http/codec.h"

/*
 * Framing and then body of one stream, each possibly empty.  A body in chunks
 * is one part, however small they are: its chunks are found in the output as
 * they leave.
 */
struct h1_part {
	const struct stream_events *on;	/* NULL: nobody is told */
	void *owner;
	uint32_t frame;			/* still in the output */
	uint32_t body;
	uint32_t chunks;		/* the end of this one, and others */
	uint32_t gone;			/* of the body: left, and not told */
	bool left;			/* some of it has left */
	bool last;			/* nothing of the stream follows */
};

/*
 * A queue; all zero is an empty one.  A response in one piece needs no memory
 * but its own, and an idle connection has no other.
 */
struct h1_sent {
	struct h1_part own;
	struct h1_part *more;		/* instead, of cap parts; or NULL */
	uint32_t first, n, cap;
};

void	h1_sent_release(struct h1_sent *);

/* Bytes that were just put into the output, for the stream of that owner. */
void	h1_sent_frame(struct h1_sent *, const struct stream_events *,
	    void *owner, size_t n);
void	h1_sent_body(struct h1_sent *, const struct stream_events *,
	    void *owner, size_t n);

/* The same of one whole chunk: its first line, n bytes of body, CRLF. */
void	h1_sent_chunk(struct h1_sent *, const struct stream_events *,
	    void *owner, size_t line, size_t n);

/* Nothing follows of that stream. */
void	h1_sent_end(struct h1_sent *, const struct stream_events *,
	    void *owner);

/* n bytes of the output leave; at is where all of it still stands. */
void	h1_sent_left(struct h1_sent *, const char *at, size_t n);

/*
 * The next news for a stream, which is taken off the queue.  idle: there is
 * news, too, when all that a stream sent so far has left and it may send more.
 */
struct h1_news {
	const struct stream_events *on;
	void *owner;
	size_t n;		/* bytes of body that have left */
	bool sent;
	bool closed;
};
bool	h1_sent_next(struct h1_sent *, bool idle, struct h1_news *);
bool	h1_sent_has_news(const struct h1_sent *, bool idle);

/* Drops the queue; no stream is told of its parts. */
void	h1_sent_forget(struct h1_sent *);

#endif
