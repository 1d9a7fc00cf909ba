/*
 * A channel of c-ares, which asks name servers: its sockets and its time in the
 * loop.  Private to dns.c, which puts the questions.
 */
#ifndef NET_DNS_CHANNEL_H
#define NET_DNS_CHANNEL_H

#include <ares.h>

#include "net/loop.h"
#include "net/timer.h"

struct watch;

struct dns_channel {
	struct loop *loop;		/* NULL: it was not made */
	ares_channel ares;		/* NULL: it could not be made */
	struct timer timer;
	struct watch *watches;
	unsigned queries;		/* under way; counted by dns.c */
};

/*
 * The name servers are those of the file.  Returns a status of c-ares; it needs
 * to be ended in either case.
 */
int	dns_channel_init(struct dns_channel *, struct loop *,
	    char *servers_file);

/* Queries under way are told of with ARES_EDESTRUCTION. */
void	dns_channel_end(struct dns_channel *);

/* To be called after each question: when c-ares must be woken. */
void	dns_channel_plan(struct dns_channel *);

#endif
