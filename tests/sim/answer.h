/*
 * An upstream's answer to a request, made in advance: a true one, or one of
 * many lies.
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
	size_t stop_at;			/* bytes that are sent at most */
	bool ends;			/* then it closes ... */
	bool half;			/* ... only its sending side */
	enum wire_end how;		/* ... in this way */
	bool early;			/* sent before the request's end */
	bool deaf;			/* and reads no more of the request */
	bool surplus;			/* bytes follow its end */
	int64_t delay_ns;
};

/*
 * Plans the answer to an attempt and sets its worth; value is the number of
 * the key's value in its request.
 */
void	answer_plan(struct answer *, const struct request *,
	    struct attempt *, unsigned nth, size_t value);

#endif
