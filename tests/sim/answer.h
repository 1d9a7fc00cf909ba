/*
 * What an upstream's server says to a request, made up in advance: the truth,
 * or one of many lies.
 */
#ifndef TESTS_SIM_ANSWER_H
#define TESTS_SIM_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "request.h"
#include "wire.h"

struct answer {
	struct buf bytes;
	size_t stop_at;			/* it says no more than so many */
	bool ends;			/* then it closes ... */
	bool half;			/* ... but hears on */
	enum wire_end how;		/* ... so */
	bool early;			/* before the request's end */
	bool deaf;			/* of which it hears no more */
	int64_t delay_ns;
};

/* The answer to an attempt, whose worth is set; key is what it came with. */
void	answer_plan(struct answer *, const struct request *,
	    struct attempt *, unsigned nth, struct text key);

#endif
