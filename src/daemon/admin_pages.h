/*
 * The paths of admin listeners that are read.  What one says is made once for
 * all who wait for it then, as making it may take milliseconds where there are
 * many routes.
 */
#ifndef DAEMON_ADMIN_PAGES_H
#define DAEMON_ADMIN_PAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/text.h"
#include "pages/admin_page.h"

struct admin_path;

/* NULL: there is none. */
const struct admin_path	*admin_path_find(struct text path);

#define ADMIN_PATHS	5

/* A page as it was made last. */
struct admin_made {
	struct admin_page page;
	struct buf query;
	uint64_t until;			/* for tickets up to that; 0: none */
};

struct admin_pages {
	const struct admin_facts *facts;
	struct admin_made made[ADMIN_PATHS];
	uint64_t tickets;
};

/* Facts are borrowed. */
void		 admin_pages_init(struct admin_pages *,
		    const struct admin_facts *);

/* When somebody asks: what was made before is not for this ticket. */
uint64_t	 admin_pages_ticket(struct admin_pages *);

/*
 * The page for who asks with that query, valid until the next call.  NULL: it
 * is to be made, which *may_make does not allow; where it is made, *may_make is
 * false afterwards.
 */
const struct admin_page	*admin_pages_page(struct admin_pages *,
		    const struct admin_path *, struct text query,
		    uint64_t ticket, bool *may_make);

/* Frees what was made: nobody waits. */
void		 admin_pages_forget(struct admin_pages *);

#endif
