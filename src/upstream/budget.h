/*
 * How long an upstream may still take for one exchange, and how slow it may
 * be.
 *
 * Until the head of its response all is of one budget, timeouts.response: the
 * time a connection takes, a second attempt, a request's body that it takes
 * no faster than body_rate or ten bytes per second, its own thinking.  Time in
 * which nothing but the client is waited for costs nothing, and bytes of the
 * request's body that it took give back what they cost, but never what passed
 * before they could be sent.  The response's body has a budget of its own,
 * timeouts.body and body_rate, to which bytes still taken of the request's
 * give back, too; where body_rate is 0, it only must not stop: what comes may
 * be a stream of events, which for long has nothing to say.
 *
 * Called by transfer, which knows who is waited for.  Pure.
 */
#ifndef UPSTREAM_BUDGET_H
#define UPSTREAM_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "conn/patience.h"

struct budget {
	const struct conf_upstream *upstream;
	int64_t most_ms;		/* it is never filled beyond */
	uint64_t rate;			/* 0: any byte fills it */
	struct patience patience;
};

/* The exchange begins: time runs out from now_ns on. */
void	budget_begin(struct budget *, const struct conf_upstream *,
	    int64_t now_ns);

/* A request begins to be sent: what has passed is not given back. */
void	budget_send(struct budget *, int64_t now_ns);

/* The response's head came: from now on, its body is waited for. */
void	budget_head(struct budget *);

/* n bytes were taken of the request's body, or came of the response's. */
void	budget_feed(struct budget *, size_t n, int64_t now_ns);

/* From now on the upstream is waited for, or only the client is. */
void	budget_run(struct budget *, bool runs, int64_t now_ns);

/* Milliseconds until the upstream is late, if it is waited for; at least 0. */
int64_t	budget_left(struct budget *, int64_t now_ns);

#endif
