/*
 * A generation: the workers of one configuration.  It starts them, replaces
 * those that die, and stops them.
 */
#ifndef DAEMON_GENERATION_H
#define DAEMON_GENERATION_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/admin_keeper.h"
#include "daemon/holdings.h"
#include "daemon/ticket_keys.h"
#include "keys/key_keeper.h"
#include "net/name_servers.h"
#include "pages/admin_news.h"

struct generation;
struct secret;

/* All is borrowed and must live as long as the generation. */
struct generation_conf {
	const struct holdings *holdings;
	bool serves;		/* from the start: none served before */
	struct admin_keeper *admin;
	struct name_servers *servers;	/* of the system, for workers */
	struct ticket_keys *tickets;	/* sent to workers with TLS listeners */
	struct key_keeper *keys;	/* met the configuration, and gets what
					   workers tell of keys */
	bool succeeds;			/* another one that serves: until this
					   one does, it is given up rather than
					   that a worker were replaced */
	/*
	 * Called in each worker first, where NULL does nothing: closes and
	 * forgets all that the parent has and this generation has not.
	 */
	void (*forked)(void *owner, const struct holdings *);
	void *owner;
};

/*
 * Starts the workers, and the admin process of the configuration beside the one
 * that serves.  The signals that the parent handles must be blocked.
 */
struct generation	*generation_new(const struct generation_conf *);

/* Called when no worker is alive. */
void	generation_free(struct generation *);

/*
 * For poll(): fills in at most generation_size() entries, returns how many;
 * generation_read() takes what came, and sends what workers are owed whose
 * channels were full.
 */
size_t	generation_size(const struct generation *);
size_t	generation_poll(const struct generation *, struct pollfd *);
void	generation_read(struct generation *);

/* A child ended.  True when it was one of these workers. */
bool	generation_reap(struct generation *, pid_t, int wait_status);

/*
 * Starts the replacements that are due; returns the time (monotonic, ns) at
 * which the next one is, or INT64_MAX.
 */
int64_t	generation_replace(struct generation *, int64_t now);

/* From now on no worker is replaced; each gets the signal. */
void	generation_stop(struct generation *, int signal);

/* A worker of it was killed a while ago and has not ended. */
bool	generation_survives(const struct generation *, int64_t now);

/*
 * Its workers take clients from now on, also those that are started later;
 * before, none does: clients of a generation that cannot start would be lost.
 */
void	generation_serve(struct generation *);

/*
 * The next generation serves: workers take no more clients, but first those
 * that wait at sockets which it does not have; they finish what runs and end.
 * None is replaced.
 */
void	generation_retire(struct generation *, const struct generation *next);

/* Of one that retires: no worker has its listening sockets any more. */
bool	generation_has_left(const struct generation *);

/*
 * Ends workers whose loop has not turned for ten seconds, which are replaced
 * then.  Returns when it is to be called again (monotonic, ns), or INT64_MAX.
 */
int64_t	generation_watch(struct generation *, int64_t now);

/* In a forked child: closes the control channels of this generation. */
void	generation_abandon(const struct generation *);

/* Tells all workers to end their exchanges, log them, and exit at once. */
void	generation_cut(struct generation *);

/* Decisions about keys changed. */
void	generation_tell_keys(const struct generation *);

/* The keys of session tickets changed: the same. */
void	generation_tell_tickets(const struct generation *);

/*
 * Files of a listener were renewed, as tls_renewal.h has them: all workers get
 * them, also those that are started later.  Takes the secret.
 */
void	generation_renew(struct generation *, size_t listener,
	    struct secret *);

/*
 * Tells what certificates of clients are judged by from now on, as it serves:
 * whoever was judged by something else is served no more, whatever a worker has
 * heard yet (stats/letting_in.h).  before, or NULL, served until now.
 */
void	generation_tell_trust(const struct generation *,
	    const struct generation *before);

/*
 * It retires, or has done so: clients whose certificates were verified by
 * something else than what counts now are ended (CONTROL_DISTRUST), and so is a
 * worker that cannot be told.
 */
void	generation_distrust(struct generation *);

/*
 * Whether all workers that serve do what was decided then, as they say: what
 * they send from now on was sent knowing it.  One that has ended sends nothing.
 */
bool	generation_obeys(const struct generation *, uint64_t decisions);

/* Kills those that do not. */
void	generation_end_deaf(const struct generation *, uint64_t decisions);

/*
 * Has the next of its workers that are ready probe a value at an upstream, by
 * their numbers.  Returns the question; its worker is 0 where none can, or it
 * has not both of them.
 */
struct key_question	generation_probe(struct generation *, uint32_t key,
			    uint32_t upstream);

/* The access log was reopened. */
void	generation_use_log(struct generation *);

/*
 * When the trial of its keys, which is a part of its start, ends by itself
 * (monotonic, ns); INT64_MAX: nothing is tried.
 */
int64_t	generation_trial_until(const struct generation *);

size_t	generation_alive(const struct generation *);

/*
 * Fills in at most generation_size() workers, returns how many: those alive,
 * and those that are to be replaced.
 */
size_t	generation_describe(const struct generation *, uint64_t serial,
	    struct admin_worker *);

/*
 * Of one that starts: whether every worker serves, and the admin process;
 * whether one of them could not start, and why.
 */
bool	generation_is_ready(const struct generation *);
const char	*generation_failure(const struct generation *);

/* Adds what the trial of its keys warns of. */
void	generation_warn(const struct generation *, struct conf_diagnostics *);

#endif
