/*
 * One request on its way to an upstream, and the response on its way back: a
 * connection is got from a pool, lent to this request alone, the request
 * sent, bodies passed on with credit, the connection given back.  Who is
 * waited for is known here, and the one retry is here, too.
 *
 * Knows no keys, and of heads only whether they end something: what goes into
 * the request's, and what of the response is whose, is up to the owner.
 * Called by egress, which embeds it.
 */
#ifndef UPSTREAM_TRANSFER_H
#define UPSTREAM_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "conn/data_rate.h"
#include "http/codec.h"
#include "http/head.h"
#include "net/loop.h"
#include "policy/fault.h"
#include "stats/record.h"
#include "upstream/connection.h"
#include "upstream/look.h"
#include "upstream/pool.h"
#include "upstream/replay.h"

/*
 * Called from the loop, but for send(), which may also come from within
 * transfer_start() and transfer_restart().
 */
struct transfer_events {
	/*
	 * Sends the request's head by codec_send_head(), end as given; called
	 * each time that it is sent.  False: transfer_fail() was called
	 * instead.
	 */
	bool	(*send)(void *owner, struct codec *, stream_id, bool end);

	/*
	 * Interim responses, the response, trailers, and its body; end: it is
	 * complete.  False: transfer_close() was called, the owner may be
	 * gone.
	 */
	bool	(*head)(void *owner, const struct head *, bool end);
	bool	(*body)(void *owner, const uint8_t *, size_t n, bool end);

	/*
	 * A response came, and its owner wants to look at the first of its
	 * body before it is passed on.  NULL: never.
	 */
	bool	(*wants_look)(void *owner, const struct head *);

	/*
	 * There it is: LOOK_MOST bytes of the body, or fewer where it ended,
	 * or did not come in time; whole: it is all.  True: it is passed on
	 * by head() and body().  False: transfer_restart() or
	 * transfer_close() was called.  NULL where wants_look() is.
	 */
	bool	(*look)(void *owner, const struct head *, struct text body,
		    bool whole);

	/* transfer_room() may have grown. */
	void	(*room)(void *owner);

	/*
	 * It is over, and closed; detail is for the log and valid in the
	 * call.  The owner may free it.
	 */
	void	(*fault)(void *owner, enum fault, const char *detail);
};

/* What it is made of; all is borrowed until transfer_close(). */
struct transfer_of {
	struct loop *loop;
	const struct conf_upstream *upstream;
	const struct head *request;	/* how its body is framed, and whether
					   it may be sent twice */
	size_t replay;			/* bytes of body to keep at most, so
					   that they can be sent again */
	struct record *record;		/* attempts, reused, upstream_*_ns */
	struct arena *arena;		/* for what is looked at */
	const struct transfer_events *events;
	void *owner;
};

struct transfer {
	struct transfer_of of;		/* all is the transfer's */
	struct pool *pool;
	struct connection *connection;	/* NULL: none yet, or no more */
	stream_id id;
	struct pool_waiter waiter;	/* .pool not NULL: waiting */
	struct deferred failing;	/* a fault told at the turn's end */
	enum fault fault;
	const char *detail;
	bool request_ended;
	struct replay replay;
	bool retried;			/* since transfer_start() */
	bool awaits_continue;		/* the client does, with the body */
	size_t credit;			/* given and not used yet */
	struct look look;
	struct timer enough;		/* until the owner is asked */
	struct deferred passing;	/* what was looked at, for credit */
	struct data_rate time;		/* that the upstream may take */
	int64_t head_left_ms;		/* of it, when the response came */
};

/* Time counts from here. */
void	transfer_init(struct transfer *, const struct transfer_of *);

/* Goes for a connection of this pool, once.  Faults come as events. */
void	transfer_start(struct transfer *, struct pool *);

/*
 * The response's head was not passed on, and of the request's body all that
 * was taken is there.
 */
bool	transfer_can_restart(const struct transfer *);

/*
 * Gives up what runs and goes for a connection of this pool, within the time
 * that was left for the response's head.  send() is called again.  Only where
 * transfer_can_restart().
 */
void	transfer_restart(struct transfer *, struct pool *);

/*
 * fault() at the end of the turn, for what is found where no event may come.
 * detail must be as long-lived as the transfer.
 */
void	transfer_fail(struct transfer *, enum fault, const char *detail);

/* How many bytes of request body make sense now; 0 before a connection. */
size_t	transfer_room(const struct transfer *);

/* Request body, copied.  end also alone, with n 0. */
void	transfer_body(struct transfer *, const uint8_t *, size_t n, bool end);

/* The consumer has room for n more bytes of response body. */
void	transfer_credit(struct transfer *, size_t n);

/*
 * Ends it, finished or not: what was not finished is cancelled.  No event
 * comes after.  Closing what is closed is fine.
 */
void	transfer_close(struct transfer *);

#endif
