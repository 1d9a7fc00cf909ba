/*
 * The steps of receiving: the state of the codec says what the next bytes mean,
 * and which events they make.  Private to the HTTP/1.1 codec; called by its
 * receiving half.
 */
#ifndef HTTP_H1_STEP_H
#define HTTP_H1_STEP_H

#include "http/h1_state.h"

/*
 * Takes bytes off *rest and returns whether another step may follow at once.
 * Events refer to bytes in *rest, which must stay valid until they return.
 */
bool	h1_step(struct h1 *, struct text *rest);

/* The link has ended and no step can go on with the rest. */
void	h1_step_eof(struct h1 *, const struct text *rest);

/*
 * Server: no request begins behind too many unsent bytes, or a client that
 * sends many requests and reads nothing would fill our memory.
 */
bool	h1_step_waits_for_room(const struct h1 *);

/* Server: a stream for a head that is given up, and the parts read of it. */
void	h1_step_begin_refused(struct h1 *, const struct text *rest,
	    struct head *read);

#endif
