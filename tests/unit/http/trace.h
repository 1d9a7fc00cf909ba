/*
 * An owner of a codec that writes down its events as lines, so that a test
 * compares texts:
 *
 *	1 GET /x HTTP/11 at h, length 5
 *	 accept: a
 *	1 data hello
 *	1 end
 *	2 reset bad-message
 *
 * Pieces of a body are joined, so that the lines do not depend on how the
 * input was cut.
 */
#ifndef TRACE_H
#define TRACE_H

#include "base/buf.h"
#include "http/codec.h"

typedef struct codec *codec_new_fn(enum codec_role,
    const struct codec_shared *, const struct codec_events *, void *owner);

/* What a trace does by itself. */
struct trace_habits {
	size_t credit;		/* given with each head; kept up */
	bool answer;		/* server: 200 with "ok" to each request end */
	bool answer_refused;	/* server: 400 to a head that was refused */
	bool refused;		/* write down what was read of such a head */
	/*
	 * Write down only what a proxy passes on: no framing, version or
	 * stream, no Host or Connection, no request trailers, no resets.
	 */
	bool plain, no_interim;
	bool sent;		/* write down what left, and ends of streams */
};

struct trace {
	struct codec *codec;
	enum codec_role role;
	struct trace_habits habits;
	struct codec_shared shared;
	struct codec_limits limits;
	struct fields scratch;
	struct buf text;
	bool in_data;
	size_t credit;		/* given and not used yet */
	unsigned n_ends, n_requests;	/* messages complete; heads */
	size_t n_data;			/* bytes of bodies that came */
	size_t n_sent;			/* and that left */
	unsigned n_closed;		/* streams that are over */
	stream_id last;
	/* Called at the end of a head or body event. */
	void (*then)(struct trace *, stream_id, const struct head *,
	    struct text body, bool end);
	void *arg;
};

/* Limits NULL: the default. */
void	trace_init(struct trace *, codec_new_fn *, enum codec_role,
	    struct trace_habits, const struct codec_limits *);
void	trace_release(struct trace *);

/* Client: the next stream, the trace's. */
stream_id trace_open(struct trace *);

/* More credit for a stream, where habits.credit is 0. */
void	trace_credit(struct trace *, stream_id, size_t n);

/* Feeds bytes, then goes on while the codec has events. */
void	trace_feed(struct trace *, const void *, size_t n);
void	trace_feed_str(struct trace *, const char *);
void	trace_settle(struct trace *);
void	trace_eof(struct trace *, bool clean);

/* The lines so far, valid until something is called. */
struct text trace_text(struct trace *);

/* The same as a C string, valid until the next call; emptied. */
const char *trace_take(struct trace *);

/* All output as a C string, taken; without NUL bytes in it, please. */
const char *trace_output(struct trace *);

/* A response head of so many body bytes; a request. */
void	trace_respond(struct trace *, stream_id, unsigned status,
	    enum body_framing, uint64_t length, bool end);
void	trace_request(struct trace *, stream_id, const char *method,
	    const char *target, enum body_framing, uint64_t length, bool end);
void	trace_body(struct trace *, stream_id, const char *, bool end);

#endif
