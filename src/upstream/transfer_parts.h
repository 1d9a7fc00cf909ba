/*
 * What the files of a transfer have in common: transfer.c gets a connection
 * and says the request, transfer_response.c takes the response to the owner,
 * transfer_time.c knows who is waited for, and transfer_end.c ends it.
 */
#ifndef UPSTREAM_TRANSFER_PARTS_H
#define UPSTREAM_TRANSFER_PARTS_H

#include "upstream/transfer.h"

/* -- ends -- */

/* Gives the connection back, useless where something runs on it. */
void	transfer_let_go(struct transfer *);

/* The same where the response is complete; its owner may not know yet. */
void	transfer_complete(struct transfer *);

/* What was looked at and not passed on is forgotten. */
void	transfer_stop_looking(struct transfer *);

/* Nothing of the transfer may be touched after it. */
void	transfer_end_badly(struct transfer *, enum fault, const char *detail);

/* -- time -- */

/* The response's head is waited for, and has so long. */
void	transfer_await_head(struct transfer *, int64_t ms);

/* It came; time runs out from transfer_watch() on. */
void	transfer_await_body(struct transfer *);

/* Something happened on the connection: who is waited for now? */
void	transfer_watch(struct transfer *);

/* -- the response -- */

/* Events of the codec. */
void	transfer_on_head(void *owner, const struct head *, bool end);
void	transfer_on_body(void *owner, const uint8_t *, size_t n, bool end);

/*
 * There is no connection any more, and no response, or not all of it: told
 * behind what was collected of it.  Nothing may be touched after it.
 */
void	transfer_response_fails(struct transfer *, enum fault,
	    const char *detail);

#endif
