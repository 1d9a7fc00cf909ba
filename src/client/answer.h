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
};

/* subject and detail as of fault_body(). */
void	answer_make(struct answer *, struct env *, enum fault,
	    const char *subject, const char *detail);
void	answer_release(struct answer *);

#endif
