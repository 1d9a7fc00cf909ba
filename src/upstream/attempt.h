/*
 * One request on its way to an upstream, and the response on its way back: it
 * takes a connection from a pool, for this request alone, sends the request,
 * passes the bodies on with credit, and gives the connection back.  It knows
 * when the upstream is waited for, and does the one retry.
 *
 * Knows no keys, and of heads only whether they end something: the owner makes
 * the request's head, and decides what to do with the response's.  Called by
 * call, which embeds it.
 */
#ifndef UPSTREAM_ATTEMPT_H
#define UPSTREAM_ATTEMPT_H

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
 * attempt_start().
 */
struct attempt_events {
	/*
	 * Sends the request's head by codec_send_head(), end as given; called
	 * for each attempt.  False: attempt_fail() or attempt_rewind() was
	 * called instead.
	 */
	bool	(*send)(void *owner, struct codec *, stream_id, bool end);

	/*
	 * Interim responses, the response, trailers, and its body; end: it is
	 * complete.  False: attempt_close() was called, the owner may be
	 * gone.
	 */
	bool	(*head)(void *owner, const struct head *, bool end);
	bool	(*body)(void *owner, const uint8_t *, size_t n, bool end);

	/*
	 * A response came: does its owner want to look at the beginning of its
	 * body before it is passed on?  NULL: never.
	 */
	bool	(*wants_look)(void *owner, const struct head *);

	/*
	 * The beginning of the body: LOOK_MOST bytes, or fewer if it ended or
	 * did not come in time; whole: that is all.  True: it is passed on by
	 * head() and body().  False: attempt_rewind() or attempt_close() was
	 * called.  NULL where wants_look() is.
	 */
	bool	(*look)(void *owner, const struct head *, struct text body,
		    bool whole);

	/* attempt_room() may have grown. */
	void	(*room)(void *owner);

	/*
	 * It is over, and closed; detail is for the log and valid during the
	 * call.  The owner may free it.
	 */
	void	(*fault)(void *owner, enum fault, const char *detail);
};

/* Its surroundings; all is borrowed until attempt_close(). */
struct attempt_of {
	struct loop *loop;
	const struct conf_upstream *upstream;
	const struct head *request;	/* for the framing of its body, and
					   whether it may be sent twice */
	size_t replay;			/* bytes of body to keep at most for
					   another attempt */
	bool alone;			/* only a connection on which nothing
					   was asked before will do */
	struct record *record;		/* attempts, reused, upstream_*_ns */
	struct arena *arena;		/* for a response that is looked at */
	const struct attempt_events *events;
	void *owner;
};

struct attempt {
	struct attempt_of of;		/* a copy */
	struct pool *pool;
	struct connection *connection;	/* NULL: none yet, or no more */
	stream_id id;
	struct pool_waiter waiter;	/* .pool not NULL: waiting */
	struct deferred failing;	/* a fault to report at the turn's
					   end */
	enum fault fault;
	const char *detail;
	bool request_ended;
	struct replay replay;
	bool retried;
	bool awaits_continue;		/* the client waits for a 100 to send
					   it */
	size_t credit;			/* given and not used yet */
	struct look look;
	struct timer enough;		/* ends the wait for a look */
	struct deferred passing;	/* passes on what was collected */
	struct data_rate time;		/* for the upstream */
	int64_t head_left_ms;		/* left of it when the response came */
};

/* The time for the response begins. */
void	attempt_init(struct attempt *, const struct attempt_of *);

/*
 * Gets a connection of this pool.  Called once, and once more after each
 * attempt_rewind().  Faults come as events.
 */
void	attempt_start(struct attempt *, struct pool *);

/*
 * Whether the response's head was not passed on yet, and all that was taken of
 * the request's body is still kept.
 */
bool	attempt_can_restart(const struct attempt *);

/*
 * Gives up what was begun, so that all is as before attempt_start(), but for
 * the time: what is left of it goes on passing.  Only after
 * attempt_can_restart().
 */
void	attempt_rewind(struct attempt *);

/*
 * Calls fault() at the end of the turn, for faults found where no event may
 * come. detail must live as long as the attempt.
 */
void	attempt_fail(struct attempt *, enum fault, const char *detail);

/* Whether nothing is sent now because it waits for a connection. */
bool	attempt_is_waiting(const struct attempt *);

/* Whether it has a connection, on which its request may be under way. */
bool	attempt_is_under_way(const struct attempt *);

/* Whether a response came that its owner wants to look at, and has not yet. */
bool	attempt_is_looking(const struct attempt *);

/*
 * Closes its connection, at once, and calls fault() at the end of the turn; no
 * other event comes before.  detail as with attempt_fail().
 */
void	attempt_abort(struct attempt *, enum fault, const char *detail);

/*
 * How many bytes of request body are of use now; 0 before there is a
 * connection.
 */
size_t	attempt_room(const struct attempt *);

/* Takes request body, which is copied.  n is 0 where only end is to be told. */
void	attempt_body(struct attempt *, const uint8_t *, size_t n, bool end);

/* The consumer has room for n more bytes of response body. */
void	attempt_credit(struct attempt *, size_t n);

/*
 * Ends it, finished or not: an unfinished one is cancelled.  No event comes
 * after.  Fine if it is closed.
 */
void	attempt_close(struct attempt *);

#endif
