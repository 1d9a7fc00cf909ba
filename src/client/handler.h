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

	/* The head came.  The handler keeps its own state in exchange.work. */
	void	(*begin)(void *owner, struct exchange *);

	/*
	 * Bytes of the request's body, never more than exchange_credit()
	 * allowed; n is 0 where only end is to be told.
	 */
	void	(*body)(struct exchange *, const uint8_t *, size_t n,
		    bool end);

	/* More of the response may be sent: see exchange_room(). */
	void	(*room)(struct exchange *);

	/*
	 * It ends, well or badly: nothing more can be sent on it, and the
	 * handler frees what it has for it.  Called once for each exchange
	 * whose work is not NULL, and for no other.
	 */
	void	(*closed)(struct exchange *);
};

#endif
