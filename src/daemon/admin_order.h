/*
 * What admin processes of one configuration are started with: descriptors of
 * their own, so that one that died can be replaced as long as the
 * configuration serves.  All are close-on-exec here.
 */
#ifndef DAEMON_ADMIN_ORDER_H
#define DAEMON_ADMIN_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "conf/conf.h"
#include "sandbox/sandbox.h"
#include "stats/numbers.h"

struct admin_order {
	int brief;			/* see admin_brief.h; -1: none */
	int memory;			/* see stats/memory.h; borrowed */
	int *listeners;
	size_t n_listeners;		/* 0: no process is wanted */
};

/* What an order is made of; nothing of it is kept. */
struct admin_for {
	struct conf *conf;
	const struct addr *bound;	/* the addresses of conf->listeners */
	const int *sockets;		/* one per conf->admin */
	const struct stats_numbers *numbers;
	const struct sandbox_report *sandbox;
};

/*
 * memory is the descriptor of the shared one; started is when the daemon was,
 * in seconds since 1970.  False with errno; to be released in either case.
 */
bool	admin_order_make(struct admin_order *, const struct admin_for *,
	    int memory, int64_t started);
void	admin_order_release(struct admin_order *);

/* In a forked child: closes what it has. */
void	admin_order_abandon(const struct admin_order *);

#endif
