/*
 * The interface between the files of a transfer: transfer.c gets a connection
 * and sends the request, transfer_response.c passes the response to the owner,
 * transfer_time.c decides when time runs, and transfer_end.c ends it.
 */
#ifndef UPSTREAM_TRANSFER_PARTS_H
#define UPSTREAM_TRANSFER_PARTS_H

#include "upstream/transfer.h"

/* -- ends -- */

/*
 * Gives the connection back; it cannot be reused if something still runs on it.
 */
void	transfer_let_go(struct transfer *);

/* The same when the response is complete; the owner may not know yet. */
void	transfer_complete(struct transfer *);

/* Forgets what was collected and not passed on. */
void	transfer_stop_looking(struct transfer *);

/* The transfer may have been freed when it returns. */
void	transfer_end_badly(struct transfer *, enum fault, const char *detail);

/* -- time -- */

/* From now on the upstream has ms for the response's head. */
void	transfer_await_head(struct transfer *, int64_t ms);

/* It came; the time for the body runs when transfer_watch() says so. */
void	transfer_await_body(struct transfer *);

/* Something happened on the connection: lets time run or stop. */
void	transfer_watch(struct transfer *);

/* -- the response -- */

/* Events of the codec. */
void	transfer_on_head(void *owner, const struct head *, bool end);
void	transfer_on_body(void *owner, const uint8_t *, size_t n, bool end);

/*
 * There is no connection any more, and no response, or a part of it: the fault
 * is told after what was collected.  The transfer may have been freed when it
 * returns.
 */
void	transfer_response_fails(struct transfer *, enum fault,
	    const char *detail);

#endif
