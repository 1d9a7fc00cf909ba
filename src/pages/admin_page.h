/*
 * What the admin process answers to a GET: each path's answer, made of what the
 * parent handed over and told.  Pure: facts in, bytes out.
 */
#ifndef PAGES_ADMIN_PAGE_H
#define PAGES_ADMIN_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "pages/admin_brief.h"
#include "pages/admin_news.h"
#include "pages/admin_pace.h"
#include "stats/memory.h"
#include "stats/metrics.h"
#include "stats/stats.h"

/* A counter of what should not happen, while this process looks. */
struct admin_mishap {
	uint64_t seen;			/* the count, when it looked last */
	int64_t at;			/* when more were seen, seconds since
					   1970; 0: never */
};

struct admin_facts {
	const struct admin_brief *brief;
	const struct admin_news *news;
	const struct sandbox_report *sandbox;	/* of this process */
	const struct stats_memory *memory;
	struct stats *stats;		/* what is known of the brief's keys */
	struct metrics *metrics;
	const struct admin_pace *pace;		/* of the brief's routes */
	struct admin_mishap *losses;	/* lines of the log */
	struct admin_mishap *deaths;	/* workers that were replaced */
};

struct admin_page {
	unsigned status;
	const char *type;		/* of its content */
	struct text query;		/* of the target, from the caller */
	struct buf policy;		/* of its security, for browsers; empty:
					   no page of theirs */
	struct buf body;
};

/* It lives. */
void	admin_page_healthz(const struct admin_facts *, struct admin_page *);

/*
 * 200 while the daemon serves and some route has a key that can be used, else
 * 503; with the names of routes that have none.
 */
void	admin_page_readyz(const struct admin_facts *, struct admin_page *);

/* What was counted, for Prometheus. */
void	admin_page_metrics(const struct admin_facts *, struct admin_page *);

/* What is, for people and `sallyport status`; one object. */
void	admin_page_status(const struct admin_facts *, struct admin_page *);

/* The same for people, in HTML; `only=bad`: nothing that is well. */
void	admin_page_people(const struct admin_facts *, struct admin_page *);

/* -- for these pages -- */

/* The time at which it expires, seconds since 1970, or CONF_NO_TIME. */
int64_t	admin_key_expires(const struct admin_facts *, size_t key);

/* Its requests can go out now: with one of its keys, and through its proxy. */
bool	admin_route_is_usable(const struct admin_facts *, size_t route);

#define ADMIN_JSON	"application/json"

#endif
