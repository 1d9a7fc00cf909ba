/*
 * A worker of the simulated world: what daemon/worker.c does in a process of
 * its own, here in one process with the others, in turns of a loop of its own.
 * When it dies its memory is freed, as the system frees that of a process, and
 * nothing else of what the program does then is seen by anyone.
 */
#ifndef TESTS_SIM_WORKER_H
#define TESTS_SIM_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/balance.h"
#include "daemon/wakeups.h"
#include "setting.h"
#include "stats/stats.h"

struct worker;

struct worker_of_world {
	unsigned generation;		/* the number of its configuration */
	const unsigned *authority;	/* of each listener, by now */
	bool serves;			/* it takes clients at once */
	size_t slot;			/* its index in these: */
	struct stats *stats;
	struct balance *balance;
	const struct wakeups *wakeups;
};

/* The world begins. */
void		 workers_begin(void);

/* Starts one; its listening sockets are open. */
struct worker	*worker_start(const struct worker_of_world *);

/* Workers have numbers, which are those of their loops (clock.h). */
struct worker	*worker_of(unsigned number);
unsigned	 workers_started(void);

/* Exchanges that were counted when their worker had died, without a line. */
uint64_t	 workers_unseen(void);

/* Turns of its loop, up to the next one of another.  True: it has ended. */
bool		 worker_turn(struct worker *);

/* Its process ends: by itself, or, if it is alive, together with the world. */
void		 worker_end(struct worker *);

/* Its process dies, now. */
void		 worker_die(struct worker *);

/*
 * -- what the parent tells it, which it notices in ns --
 *
 * To take clients; to retire: nobody else has those of its listening sockets
 * that are dropped.  These, and what it is told of TLS, it notices in the order
 * in which it is told.
 */
void		 worker_serve(struct worker *, int64_t ns);
void		 worker_retire(struct worker *, const bool *dropped,
		    int64_t ns);
void		 worker_stop(struct worker *, int64_t ns);
void		 worker_cut(struct worker *, int64_t ns);
void		 worker_look(struct worker *, int64_t ns);

/* To look at what was decided about keys; to probe one, see CONTROL_PROBE. */
void		 worker_obey(struct worker *, int64_t ns);
void		 worker_probe(struct worker *, const char *text, int64_t ns);

/*
 * A listener's certificate was renewed, and maybe the authority of its clients;
 * or that is another one in the next generation.
 */
void		 worker_renew(struct worker *, size_t listener,
		    unsigned authority, int64_t ns);
void		 worker_distrust(struct worker *, size_t listener, int64_t ns);

/* -- facts, also about one that has ended -- */

enum worker_phase { WORKER_SERVES, WORKER_RETIRES, WORKER_STOPS };

struct worker_facts {
	unsigned generation;
	const struct setting *setting;
	enum worker_phase phase;
	int64_t since;			/* the time of that phase's beginning */
	bool accepts;			/* it takes clients, or did */
	bool over;			/* it has ended, or died */
	bool died;
	bool was_cut;			/* and did not end by itself */
	const struct stats *stats;	/* if it is not over */
};
const struct worker_facts *worker_facts(unsigned number);

/*
 * How often it got another authority for clients of that listener, and when it
 * did last; and by what it judges them now, see setting_judges_by().
 */
unsigned	 worker_trust(unsigned number, size_t listener);
int64_t		 worker_heard(unsigned number, size_t listener);
unsigned	 worker_judges_by(unsigned number, size_t listener);

/* Whether clients may see more of its end than a close in order. */
bool		 worker_is_disturbed(unsigned number);

/* The owner of its memory; see heap.h. */
unsigned	 worker_heap(unsigned number);

#endif
