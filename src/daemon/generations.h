/*
 * The generations of a daemon: one serves, older ones finish their exchanges,
 * and at a reload the next one starts.  It takes over when all of its workers
 * are ready; where anything fails before that, nothing has changed.
 *
 * Reloads wait while two generations drain.  Those asked for meanwhile, or
 * while one is on its way, become one, so that each has the result of a load
 * that began after it was asked for.
 */
#ifndef DAEMON_GENERATIONS_H
#define DAEMON_GENERATIONS_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/admin_keeper.h"
#include "daemon/clock_watch.h"
#include "daemon/holdings.h"
#include "daemon/passphrases.h"
#include "daemon/reload.h"
#include "keys/key_keeper.h"
#include "pages/admin_news.h"

struct generations;

/* How long workers of a reload may take until they are ready. */
#define GENERATIONS_START_MS	(30 * 1000)

struct generations_conf {
	const char *file;
	struct passphrases *passphrases;
	struct stats_memory *memory;
	struct admin_keeper *admin;	/* told and watched by the owner */
	struct key_keeper *keys;	/* the same */
	struct clock_watch *clock;	/* the same; NULL: there is none */

	/* -- calls, with the owner -- */

	/*
	 * Another generation serves.  Called before clients of listeners that
	 * are gone are told.
	 */
	void (*serves)(void *owner, const struct holdings *);

	struct reload_events reload;
	void *owner;
};

/* All is borrowed. */
struct generations *generations_new(const struct generations_conf *);

/* Called when no worker is alive. */
void	generations_free(struct generations *);

/*
 * Starts the first generation, for which holdings are given over.  The signals
 * that the parent handles must be blocked.
 */
void	generations_start(struct generations *, struct holdings *);

/*
 * The holdings of the one that serves, or of the first while it starts.
 */
const struct holdings *generations_current(const struct generations *);

/* Why the first generation cannot start; NULL: nothing says so. */
const char *generations_failure(const struct generations *);

/* Asks for a reload, whose result comes by answer(). */
void	generations_reload(struct generations *, uint64_t asker);

/*
 * Takes the next steps of all, as far as they can be taken.  Returns when to
 * call it again at the latest (monotonic, ns), or INT64_MAX.
 */
int64_t	generations_step(struct generations *, int64_t now);

/* For poll(), as generation.h has it. */
size_t	generations_size(const struct generations *);
size_t	generations_poll(const struct generations *, struct pollfd *);
void	generations_read(struct generations *);
bool	generations_reap(struct generations *, pid_t, int wait_status);

/* Finishes what runs, and answers those who wait for a reload that it ends. */
void	generations_stop(struct generations *);
void	generations_cut(struct generations *);
void	generations_kill(struct generations *);

/* Opens the access logs again. */
void	generations_reopen_logs(struct generations *);

/* In a forked child that serves nobody: closes what the parent has. */
void	generations_leave(void *generations);

/* Decisions about keys changed: tells all workers. */
void	generations_tell_keys(const struct generations *);

/* Whether all do what was decided then; see generation.h. */
bool	generations_obey(const struct generations *, uint64_t decisions);

/* Kills the workers that do not. */
void	generations_end_deaf(const struct generations *, uint64_t decisions);

/* Has a worker of the generation that serves probe, see generation.h. */
struct key_question	generations_probe(const struct generations *,
			    uint32_t key, uint32_t upstream);

/* How many workers are alive, of all generations. */
size_t	generations_alive(const struct generations *);

/*
 * Fills in which generation serves, at most generations_size() workers, and a
 * list of the listeners that are watched, to be freed, or NULL.
 */
void	generations_describe(const struct generations *, struct admin_news *);

#endif
