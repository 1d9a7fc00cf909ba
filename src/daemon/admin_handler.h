/*
 * The handler of admin listeners: which request gets which answer.  Over TCP
 * there is GET and HEAD only; what changes something is a POST, and needs a
 * Unix socket, where the client's user is known.
 */
#ifndef DAEMON_ADMIN_HANDLER_H
#define DAEMON_ADMIN_HANDLER_H

#include <stdbool.h>

#include "client/env.h"
#include "client/handler.h"
#include "daemon/admin_pages.h"
#include "daemon/admin_turns.h"
#include "daemon/admin_waiters.h"
#include "pages/admin_page.h"

/*
 * The most that a request's body may be.  None is needed, but some clients send
 * a little; it is dropped.
 */
#define ADMIN_BODY	4096

struct admin_handler {
	struct handler handler;
	struct env *env;
	struct admin_waiters *waiters;
	struct admin_turns turns;
	struct admin_pages pages;
	bool may_make;			/* a page, in this millisecond */
};

/* All is borrowed. */
void	admin_handler_init(struct admin_handler *, struct env *,
	    const struct admin_facts *, struct admin_waiters *);

/* No exchange is left; before the loop is freed. */
void	admin_handler_end(struct admin_handler *);

#endif
