/*
 * What is received, step by step: by the state of the codec, what the next
 * bytes are, and which events that makes.  Private to the HTTP/1.1 codec;
 * called by its receiving half.
 */
#ifndef HTTP_H1_STEP_H
#define HTTP_H1_STEP_H

#include "http/h1_state.h"

/*
 * Takes bytes off *rest and returns whether another step may follow at once.
 * What events refer to is in *rest, so it must stay valid until they return.
 */
bool	h1_step(struct h1 *, struct text *rest);

/* The link has ended and no step can go on with the rest. */
void	h1_step_eof(struct h1 *, const struct text *rest);

/*
 * Server: no request begins while there are unsent responses, or a client
 * that sends many and reads nothing would fill our memory.
 */
bool	h1_step_waits_for_room(const struct h1 *);

/* Server: a stream for a head that is not read on, and what was read of it. */
void	h1_step_begin_refused(struct h1 *, const struct text *rest,
	    struct head *read);

#endif
