/*
 * What the files of the generations share: generations.c has their reloads and
 * the whole, generations_succession.c which of them serves, and
 * generations_workers.c what the workers of all are told and asked.
 */
#ifndef DAEMON_GENERATIONS_PARTS_H
#define DAEMON_GENERATIONS_PARTS_H

#include "daemon/generations.h"
#include "daemon/loading.h"
#include "daemon/members.h"
#include "daemon/tls_renewals.h"
#include "net/name_servers.h"

struct generations {
	struct generations_conf conf;
	struct member *list;		/* the newest first */
	struct member *serving;		/* NULL: none yet, or no longer */
	struct name_servers *servers;	/* of the system */
	struct ticket_keys *tickets;
	struct tls_renewals *renewals;
	struct reload reload;
	struct loading loading;
	unsigned serial;		/* of the one that was made last */
	int64_t leave_by_ns;		/* of those that retired */
	bool stopping;
};

/* -- succession -- */

/*
 * A generation, whose workers start now; takes the holdings.  It has until then
 * to be ready, where another one serves.
 */
void	generations_add(struct generations *, struct holdings *,
	    int64_t deadline_ns);

/* It finishes its exchanges and ends. */
void	generations_drain(struct generations *, struct member *, int64_t now);

/* Has the one that starts take over, if it can, or gives it up. */
void	generations_settle(struct generations *, int64_t now);

/* -- workers -- */

/*
 * In a child: closes what the parent has; kept are the holdings of the
 * generation whose worker it is.  NULL: it serves nobody.
 */
void	generations_forked(void *generations, const struct holdings *kept);

/* Files of listeners were renewed: those that drain are told, too. */
void	generations_renewed(void *generations);

#endif
