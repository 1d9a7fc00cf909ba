/*
 * The half of an exchange that holds keys: it picks the key, gets a connection,
 * builds the request with the key in it, and passes the response back.  The
 * other half (exchange, forward, session) knows keys by name only and sees
 * nothing but this interface: open, body, credit, close / head, body, room,
 * fault.
 */
#ifndef UPSTREAM_EGRESS_H
#define UPSTREAM_EGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "http/codec.h"
#include "http/head.h"
#include "net/loop.h"
#include "policy/fault.h"
#include "stats/record.h"
#include "stats/stats.h"

struct egress;			/* one per worker */
struct egress_stream;		/* one request and its response */

/*
 * Makes TLS clients and pools for the upstreams and keys of conf's routes.
 * NULL on failure with the reason in why.  All is borrowed until freed.
 */
struct egress	*egress_new(const struct conf *, struct loop *,
		    struct stats *, const struct codec_limits *, char *why,
		    size_t why_size);

/* Called when no stream is open. */
void		 egress_free(struct egress *);

/*
 * Called from the loop, never from within a call of egress_*().  The owner may
 * close the stream from within fault(), but not from within the others.
 */
struct egress_events {
	/*
	 * Interim responses, the response, trailers.  The fields are those
	 * for the client.  end: the response is complete.
	 */
	void	(*head)(void *owner, const struct head *, bool end);
	void	(*body)(void *owner, const uint8_t *, size_t n, bool end);

	/* There is room for more of the request's body: see egress_room(). */
	void	(*room)(void *owner);

	/*
	 * The stream is over; detail is for the log and valid during the call.
	 */
	void	(*fault)(void *owner, enum fault, const char *detail);
};

/* The owner's side of an exchange; all must live until egress_close(). */
struct egress_exchange {
	const struct conf_route *route;
	const struct head *request;	/* the client's, with the target that
					   goes upstream */
	const struct egress_events *events;
	void *owner;

	/*
	 * Gets the key's name, the attempts, and what the response tells of the
	 * key, when they are learnt; its texts, without the key, are in arena.
	 */
	struct record *record;
	struct arena *arena;
};

/* Begins a stream.  It never fails at once: faults come as events. */
struct egress_stream *egress_open(struct egress *,
		    const struct egress_exchange *);

/*
 * How many bytes of request body are of use now; 0 before there is a
 * connection.
 */
size_t		 egress_room(const struct egress_stream *);

/* Takes request body, which is copied.  n is 0 where only end is to be told. */
void		 egress_body(struct egress_stream *, const uint8_t *,
		    size_t n, bool end);

/* The consumer has room for n more bytes of response body. */
void		 egress_credit(struct egress_stream *, size_t n);

/*
 * Frees the stream, finished or not, and clears *stream; an unfinished one is
 * cancelled.  No event comes after.  NULL inside is fine.
 */
void		 egress_close(struct egress_stream **);

#endif
