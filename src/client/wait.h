/*
 * What a client is waited for, and how long it may take: the deadline of a
 * session.  Time counts against the client only while it is the one who is
 * waited for.  Called by session, which says what that is.
 */
#ifndef CLIENT_WAIT_H
#define CLIENT_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"
#include "conn/junction.h"
#include "conn/patience.h"

enum wait_for {
	WAIT_NOTHING,		/* the upstream's deadlines count */
	WAIT_REQUEST,		/* idle, between exchanges */
	WAIT_HEAD,		/* a head has begun */
	WAIT_BODY,		/* body bytes that may come */
	WAIT_SEND,		/* the client to read */
};

struct wait {
	struct patience reading;	/* with the client's, of responses */
	uint64_t taken;			/* bytes it had read, as last seen */
	int64_t head_ns;		/* a head began; 0: none is read */
	enum wait_for what;
	bool progress;			/* to be set when there was any */
};

/* Nothing is waited for yet. */
void	 wait_begin(struct wait *, const struct conf *);

/*
 * Moves the junction's deadline to that of what is waited for now, where this
 * changed or there was progress.  body is the patience with the request that
 * runs, or NULL.
 */
void	 wait_move(struct wait *, const struct conf *, struct junction *,
	    enum wait_for, struct patience *body);

/* The deadline passed: what was waited for.  Nothing is, now. */
enum wait_for wait_passed(struct wait *);

/*
 * How long, in ms, a client that is to read may still take.  Its link takes
 * no more until much of what it has was read, so what it read meanwhile is
 * looked up.
 */
int64_t	 wait_reading_left(struct wait *, const struct conf *,
	    const struct junction *);

#endif
