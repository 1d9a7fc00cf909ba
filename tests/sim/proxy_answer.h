/*
 * A proxy's answer to CONNECT, made in advance: a tunnel, or one of many lies.
 */
#ifndef TESTS_SIM_PROXY_ANSWER_H
#define TESTS_SIM_PROXY_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "proxy.h"

struct proxy_answer {
	struct buf bytes;
	uint64_t opens_at;		/* as in proxy_said */
	unsigned status;		/* the same */
	size_t stop_at;			/* bytes that are sent at most */
	bool ends;			/* then it closes, */
	enum wire_end how;		/* in this way */
	bool talks;			/* or sends more, later */
	int64_t delay_ns, rest_ns;	/* before, and after it */
	enum proxy_leads leads;
};

/* To what came, which may be said back. */
void	proxy_answer_plan(struct proxy_answer *, struct text asked);

/* What it says without being asked, if anything: true. */
bool	proxy_answer_unasked(struct proxy_answer *);

#endif
