/*
 * Answers of our own: what a client is told of a fault, in the shape of
 * Elastic's errors.  Called by exchange, and by turn_away where there is none.
 */
#ifndef CLIENT_ANSWER_H
#define CLIENT_ANSWER_H

#include "base/buf.h"
#include "client/env.h"
#include "http/head.h"
#include "policy/fault.h"

struct answer {
	struct head head;	/* its fields are valid until another is made */
	struct buf body;
	char retry_after[16];	/* seconds, for its fields */
};

/*
 * subject and detail as of fault_body(); retry_s is when a fault that passes by
 * itself may have passed, 0: soon.
 */
void	answer_make(struct answer *, struct env *, enum fault,
	    const char *subject, const char *detail, unsigned retry_s);
void	answer_release(struct answer *);

#endif
