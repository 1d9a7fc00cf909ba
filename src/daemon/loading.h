/*
 * Loading the next configuration, after a child has tried to read it.  Failures
 * are told to the reload.
 */
#ifndef DAEMON_LOADING_H
#define DAEMON_LOADING_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/holdings.h"
#include "daemon/passphrases.h"
#include "daemon/reload.h"
#include "daemon/trial.h"

/* How long a child may take. */
#define LOADING_MS	(60 * 1000)

struct loading {
	const char *file;
	struct passphrases *passphrases;
	struct stats_memory *memory;
	struct key_keeper *keys;
	struct reload *reload;

	/* In a child that only loads: closes what the parent has. */
	void (*left)(void *owner);
	void *owner;

	bool hangs;		/* processes of an earlier configuration have
				   listening sockets that it gave up */

	struct trial trial;
	int64_t trial_by_ns;	/* when it must have ended */
	bool late;		/* it had not, which was told */
};

/*
 * Begins.  The holdings of the next generation, or NULL: it failed, or a child
 * tries it now.  current are those of the one that serves.
 */
struct holdings	*loading_begin(struct loading *, const struct holdings *current,
		    int64_t now);

/* A child tries it, or was late and has not ended yet. */
bool		 loading_is_under_way(const struct loading *);

/*
 * A child ended: false where it was another one.  Otherwise *next is set as
 * loading_begin() returns it.  current NULL: none serves any more, and
 * nothing is loaded or told.
 */
bool		 loading_reap(struct loading *, pid_t, int wait_status,
		    const struct holdings *current, struct holdings **next);

/* A child was ended for being late, and has not gone in the time for that. */
bool		 loading_hangs(const struct loading *, int64_t now);

/*
 * Ends a child that is over its time, and fails; returns when that will be, or
 * when it is taken to hang, or INT64_MAX.
 */
int64_t		 loading_step(struct loading *, int64_t now);

/* Ends a child now. */
void		 loading_stop(const struct loading *);

#endif
