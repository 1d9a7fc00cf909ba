/*
 * The interface between the files of an attempt: attempt.c gets a connection
 * and sends the request, attempt_response.c passes the response to the owner,
 * attempt_time.c decides when time runs, and attempt_end.c ends it.
 */
#ifndef UPSTREAM_ATTEMPT_PARTS_H
#define UPSTREAM_ATTEMPT_PARTS_H

#include "upstream/attempt.h"

/* -- ends -- */

/*
 * Gives the connection back; it cannot be reused if something still runs on it.
 */
void	attempt_let_go(struct attempt *);

/* The same when the response is complete; the owner may not know yet. */
void	attempt_complete(struct attempt *);

/* Forgets what was collected and not passed on. */
void	attempt_stop_looking(struct attempt *);

/* The attempt may have been freed when it returns. */
void	attempt_end_badly(struct attempt *, enum fault, const char *detail);

/* -- time -- */

/* From now on the upstream has ms for the response's head. */
void	attempt_await_head(struct attempt *, int64_t ms);

/* It came; the time for the body runs when attempt_watch() says so. */
void	attempt_await_body(struct attempt *);

/* Something happened on the connection: lets time run or stop. */
void	attempt_watch(struct attempt *);

/* -- the response -- */

/* Events of the codec. */
void	attempt_on_head(void *owner, const struct head *, bool end);
void	attempt_on_body(void *owner, const uint8_t *, size_t n, bool end);

/*
 * There is no connection any more, and no response, or a part of it: the fault
 * is told after what was collected.  The attempt may have been freed when it
 * returns.
 */
void	attempt_response_fails(struct attempt *, enum fault,
	    const char *detail);

#endif
