/*
 * What the files of the admin keeper share: admin_keeper.c has the processes,
 * admin_keeper_news.c what these are told, and what they ask for.
 */
#ifndef DAEMON_ADMIN_KEEPER_PARTS_H
#define DAEMON_ADMIN_KEEPER_PARTS_H

#include "base/buf.h"
#include "daemon/admin_child.h"
#include "daemon/admin_keeper.h"
#include "daemon/admin_owed.h"
#include "daemon/admin_retired.h"
#include "daemon/backoff.h"

struct place {
	struct admin_order order;	/* n_listeners 0: no process */
	struct admin_child *child;	/* NULL: none, or it died */
	struct backoff backoff;
	char *failure;			/* of one that was to be the next */
};

struct admin_keeper {
	struct admin_keeper_conf conf;
	struct admin_child_events events;
	int program;
	struct place serving, next;
	bool has_next;
	bool succeeds;			/* one has served: the next one waits */
	struct admin_retired retired;
	struct admin_debts debts;
	uint64_t n_ever_started;
	int64_t heard_by_ns;		/* until then others may have to wait */
	struct buf news;		/* packed */
	int news_fd;			/* -1: none yet */
	int64_t started;		/* seconds since 1970 */
	bool stopping;
};

/* Calls for each process; it may close channels, but not free. */
void	admin_keeper_each(const struct admin_keeper *,
	    void (*call)(struct admin_child *, const void *), const void *arg);

/* A process has a command; owner is the keeper. */
void	admin_keeper_command(void *owner, struct admin_child *,
	    const struct admin_message *);

/* The answers that are owed, to those who still want them. */
void	admin_keeper_send_answers(struct admin_keeper *);

#endif
