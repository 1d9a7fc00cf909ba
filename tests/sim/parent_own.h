/*
 * Generations, as parent.c and parent_tls.c see them.
 */
#ifndef TESTS_SIM_PARENT_OWN_H
#define TESTS_SIM_PARENT_OWN_H

#include "clock.h"
#include "parent.h"
#include "worker.h"

#define MOST_WORKERS	3

/* In which those are told to retire that do. */
#define RETIRED_NS	(20 * NS_PER_MS)

struct generation;

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

/*
 * Certificates that are renewed in the one that serves; and what it verifies
 * clients by that the next one does not, which it is told of when it retires.
 */
void	generation_renew(struct generation *);
void	generation_distrust(const struct generation *,
	    const struct generation *next);

#endif
