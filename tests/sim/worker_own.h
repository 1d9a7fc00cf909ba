/*
 * A worker, as worker.c and worker_orders.c see it.
 */
#ifndef TESTS_SIM_WORKER_OWN_H
#define TESTS_SIM_WORKER_OWN_H

#include "clock.h"
#include "net/timer.h"
#include "worker.h"

struct order;

struct worker {
	struct worker_facts facts;
	struct worker_of_world of;
	unsigned number;
	struct loop *loop;
	struct sink *access;
	struct stats *stats;		/* with which it counts */
	struct env *env;
	struct forward *forward;
	struct worker_keys *keys;
	struct tls_servers *tls;
	unsigned authority[N_LISTENERS], trust[N_LISTENERS];
	int64_t heard_ns[N_LISTENERS];	/* the time of the latest */
	struct sessions *sessions;
	struct listeners *listeners;
	int sockets[N_LISTENERS];
	bool holds;			/* these, before it takes clients */
	bool dropped[N_LISTENERS];	/* see worker_retire() */
	struct timer grace;
	bool emptied, ended;
	struct errand serve, retire, stop, cut, look, obey;
	int64_t told_ns;		/* when it notices the latest message */
	struct order *orders;
};

/* A message comes behind those before it; the same time from now, or later. */
int64_t	worker_in_order(struct worker *, int64_t ns);

/* What was renewed of its listeners before it started. */
void	worker_use_what_was_renewed(struct worker *);

/* It takes no more messages. */
void	worker_forget_orders(struct worker *);

#endif
