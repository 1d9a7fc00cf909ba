/*
 * Generations, and what will become of them, as parent.c, parent_plan.c and
 * parent_tls.c see them.
 */
#ifndef TESTS_SIM_PARENT_OWN_H
#define TESTS_SIM_PARENT_OWN_H

#include "clock.h"
#include "parent.h"
#include "worker.h"

#define MOST_WORKERS	3

struct generation;

#define MOST_RELOADS	(MOST_SETTINGS - 1)
#define MOST_DEATHS	4
#define MOST_RENEWALS	3

/* What will happen, and when. */
struct plan {
	unsigned workers[MOST_SETTINGS];
	int64_t reloads[MOST_RELOADS], deaths[MOST_DEATHS];
	int64_t renewals[MOST_RENEWALS];
	size_t n_reloads, n_deaths, n_renewals;
	int64_t told_ns;		/* the longest time of a message */
};
const struct plan *parent_planned(void);

/* A place of a generation for a worker and its replacements. */
struct slot {
	struct generation *generation;
	struct worker *worker;		/* NULL: none is alive */
	unsigned number;		/* of the latest */
	struct errand start, reap;
};

enum state { STARTING, SERVING, RETIRING, OVER };

struct generation {
	unsigned number;
	enum state state;
	struct stats *stats;
	struct balance *balance;
	struct wakeups wakeups;
	unsigned authority[N_LISTENERS];	/* by now; see setting_tls.h */
	struct slot slots[MOST_WORKERS];
	size_t n;
};

/* How long a message takes to a worker, which may be busy or stopped. */
int64_t	parent_told_ns(void);

/*
 * From now on it lets clients in, and none before it, whatever workers have
 * heard.
 */
void	generation_lets_in(const struct generation *,
	    const struct generation *before);

/*
 * What the one that serves has at a listener was renewed; and workers of one
 * that retires are told what it verifies clients by and that one does not.
 */
void	generation_renew(struct generation *, size_t listener);
void	generation_distrust(const struct generation *);

#endif
