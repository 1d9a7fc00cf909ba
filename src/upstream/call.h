/*
 * The half of an exchange that holds keys: it picks the key, gets a connection,
 * builds the request with the key in it, and passes the response back.  The
 * other half (exchange, forward, session) knows keys by name only and sees
 * nothing but this interface: open, body, credit, close / head, body, room,
 * fault.
 */
#ifndef UPSTREAM_CALL_H
#define UPSTREAM_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "http/codec.h"
#include "http/head.h"
#include "net/loop.h"
#include "net/resolve.h"
#include "policy/fault.h"
#include "stats/record.h"
#include "stats/stats.h"
#include "upstream/refusal.h"

struct caller;		/* one per worker */
struct call;		/* one request and its response */

/*
 * Makes TLS clients and pools for the upstreams and keys of conf's routes.
 * NULL on failure with the reason in why.  All is borrowed until freed.
 */
struct caller	*caller_new(const struct conf *, struct loop *,
		    struct stats *, const struct codec_limits *, char *why,
		    size_t why_size);

/* Called when no call is open. */
void		 caller_free(struct caller *);

/*
 * What calls tell of keys, besides each call's own events.  Until they are set
 * nobody is told.
 */
struct caller_events {
	/* A response told something of a key's end that nobody knew. */
	void	(*learnt)(void *owner);

	/*
	 * A response of that upstream said that the key is invalid, which is
	 * no proof; told no more than once a second for each key.
	 */
	void	(*suspect)(void *owner, size_t key, size_t upstream);

	void *owner;
};
void		 caller_set_events(struct caller *,
		    const struct caller_events *);

/*
 * The parent's decisions changed: nothing goes on with a key that is disabled.
 * What is under way with one is cut: a request that may be repeated, and has no
 * answer yet, goes out once more with the route's next key, others end with
 * KEY_UNAVAILABLE.  Connections with that key are closed, idle ones, too.  What
 * waits for a connection, with a key that is off, gets the next key; what waits
 * for a quota, the key that serves now.  Where it is the key for an upstream's
 * proxy, all that is under way to that upstream, or waits for a connection,
 * ends with KEY_UNAVAILABLE, and its connections are closed; where that key is
 * expired, so does what waits, and what is under way goes on.  Called from the
 * loop, not from within events.
 */
void		 caller_obey(struct caller *);

/* A route uses that upstream; to others no call can go. */
bool		 caller_uses(const struct caller *, size_t upstream);

/* Who looks names of upstreams up. */
struct resolver	*caller_resolver(const struct caller *);

/*
 * Called from the loop, never from within a call of call_*().  The owner may
 * close the call from within fault(), but not from within the others.
 */
struct call_events {
	/*
	 * Interim responses, the response, trailers.  The fields are those
	 * for the client.  end: the response is complete.
	 */
	void	(*head)(void *owner, const struct head *, bool end);
	void	(*body)(void *owner, const uint8_t *, size_t n, bool end);

	/* There is room for more of the request's body: see call_room(). */
	void	(*room)(void *owner);

	/*
	 * The call is over; detail is for the log and valid during the call.
	 */
	void	(*fault)(void *owner, enum fault, const char *detail);
};

/* The owner's side of an exchange; all must live until call_close(). */
struct call_order {
	const struct conf_route *route;
	const struct head *request;	/* the client's, with the target that
					   goes upstream */
	const struct call_events *events;
	void *owner;

	/*
	 * Gets the key's name, the attempts, and what the response tells of the
	 * key, when they are learnt; its texts, without the key, are in arena.
	 */
	struct record *record;
	struct arena *arena;

	/*
	 * It tries a key: the route's only one is sent, whatever its state is,
	 * unless it is disabled, on a connection of its own, where no answer
	 * to others can come late.  It is nobody's use of the key, waits for no
	 * quota, and makes nothing suspect.
	 */
	bool probe;
};

/* Begins a call.  It never fails at once: faults come as events. */
struct call *call_open(struct caller *,
		    const struct call_order *);

/*
 * How many bytes of request body are of use now; 0 before there is a
 * connection.
 */
size_t		 call_room(const struct call *);

/* Takes request body, which is copied.  n is 0 where only end is to be told. */
void		 call_body(struct call *, const uint8_t *,
		    size_t n, bool end);

/* Why the upstream refused the request, as far as that is known by now. */
enum refusal	 call_refusal(const struct call *);

/* The consumer has room for n more bytes of response body. */
void		 call_credit(struct call *, size_t n);

/*
 * Frees the call, finished or not, and clears *call; an unfinished one is
 * cancelled.  No event comes after.  NULL inside is fine.
 */
void		 call_close(struct call **);

#endif
