/*
 * What becomes of the requests of a listener: they are passed on (forward), or
 * answered by us.  A handler is told of each exchange from its beginning, and
 * answers by exchange_send_head() and exchange_send_body(), or by
 * exchange_fault().
 */
#ifndef CLIENT_HANDLER_H
#define CLIENT_HANDLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct exchange;

struct handler {
	void	*owner;

	/* The head came.  What the handler keeps of it is exchange.work. */
	void	(*begin)(void *owner, struct exchange *);

	/*
	 * Bytes of the request's body, no more than exchange_credit() gave
	 * leave for; end also alone, with n 0.
	 */
	void	(*body)(struct exchange *, const uint8_t *, size_t n,
		    bool end);

	/* More of the response may be sent: see exchange_room(). */
	void	(*room)(struct exchange *);

	/*
	 * It ends, or did so badly: nothing can be sent on it any more, and
	 * the handler lets go of what it has for it.  Once, and also for one
	 * that it was not told of, whose work is NULL.
	 */
	void	(*closed)(struct exchange *);
};

#endif
