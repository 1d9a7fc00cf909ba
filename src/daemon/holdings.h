/*
 * What a generation has besides its workers: its configuration with the keys,
 * its sockets, its log, and the memory that its workers share.  Made before
 * the first of them is forked; freed when the last one was reaped, and with it
 * the keys are gone.
 */
#ifndef DAEMON_HOLDINGS_H
#define DAEMON_HOLDINGS_H

#include <stdbool.h>

#include "conf/conf.h"
#include "daemon/access_file.h"
#include "daemon/balance.h"
#include "daemon/sockets.h"
#include "daemon/wakeups.h"
#include "keys/key_keeper.h"
#include "sandbox/sandbox.h"
#include "stats/memory.h"
#include "stats/stats.h"

struct holdings {
	struct conf *conf;
	unsigned epoch;			/* of its secrets, see base/secret.h */
	struct stats *stats;
	struct balance *balance;
	struct wakeups wakeups;
	struct sockets sockets;
	struct sockets admin_sockets;	/* of no worker */
	struct access_file *access;
	struct sandbox_report sandbox;	/* what its workers are kept from */
};

/*
 * Loads a configuration.  NULL: it has errors, which are in the list; there may
 * be warnings in either case.
 */
struct holdings	*holdings_load(const char *file, const struct conf_opening *,
		    struct conf_diagnostics *);

/*
 * Gets all that it needs.  The key keeper, or NULL, is brought its
 * configuration, to be forgotten before it is freed.  current, or NULL, are the
 * holdings of the generation that serves, which are shared as far as they are
 * the same.  False: something failed, and nothing changed; every reason is an
 * error in the list.
 */
bool		 holdings_equip(struct holdings *, struct stats_memory *,
		    struct key_keeper *, const struct holdings *current,
		    struct conf_diagnostics *);

/*
 * The names of Unix sockets get the owners and modes that its configuration
 * wants.  False with an error: they are as the current one wants them.
 */
bool		 holdings_permit(const struct holdings *,
		    const struct holdings *current,
		    struct conf_diagnostics *);

/* All its sockets, for sockets.h: whatever they serve. */
const struct sockets *holdings_sockets(const struct holdings *);

/* As sockets.h has it, of all its sockets. */
void		 holdings_announce(const struct holdings *);
void		 holdings_shut(const struct holdings *,
		    const struct holdings *next);

/*
 * Gives the listening sockets back, which clients of the next generation need,
 * or nobody any more.
 */
void		 holdings_close_sockets(struct holdings *);

/* Wipes the keys; NULL is fine. */
void		 holdings_free(struct holdings *);

/* In a forked worker of these: closes what workers do not have. */
void		 holdings_enter(const struct holdings *);

/*
 * In a forked worker of the kept ones: closes the descriptors of others.  In a
 * child that serves nobody kept is NULL: what two have in common is closed for
 * each of them, as long as it opens nothing in between.
 */
void		 holdings_abandon(const struct holdings *,
		    const struct holdings *kept);

#endif
