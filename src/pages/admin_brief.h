/*
 * What the parent hands over to the admin process: its listeners, and the names
 * and facts that it tells people.  It is made of a configuration and holds
 * none of its secrets: no value of a key, no identity, no token.
 */
#ifndef PAGES_ADMIN_BRIEF_H
#define PAGES_ADMIN_BRIEF_H

#include <stdint.h>

#include "conf/conf.h"
#include "sandbox/sandbox.h"
#include "stats/numbers.h"

struct admin_brief {
	struct conf *conf;	/* what is needed of it, and nothing else; its
				   keys have no value */
	char **bound;		/* the addresses of conf->listeners, as the
				   kernel completed them */
	struct stats_numbers numbers;	/* of what is in conf */
	struct sandbox_report sandbox;	/* that workers have */
	struct conf_texts *clients;	/* who may use each of conf->routes,
					   in words (route_clients.h); found
					   when it is written */
	int64_t started;	/* of the daemon, seconds since 1970 */
};

/*
 * A descriptor that holds it, for another process; close-on-exec.  -1 with
 * errno.  Its configuration may be a whole one here.
 */
int	admin_brief_write(const struct admin_brief *);

/*
 * Reads it back; NULL: that is none.  The descriptor stays the caller's.  Free
 * it by admin_brief_free(), NULL is fine.
 */
struct admin_brief	*admin_brief_read(int fd);
void			 admin_brief_free(struct admin_brief *);

#endif
