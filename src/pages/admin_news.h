/*
 * What the parent knows and the admin process tells: in which state the daemon
 * is, its workers, and the last reload.  Plain data, told anew as a whole
 * whenever something changed.
 */
#ifndef PAGES_ADMIN_NEWS_H
#define PAGES_ADMIN_NEWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "conf/conf.h"
#include "keys/key_events.h"

enum daemon_state { DAEMON_STARTING, DAEMON_SERVING, DAEMON_DRAINING };

/* Of a worker: a generation that retires or stops drains. */
struct admin_worker {
	int64_t pid;			/* 0: it died and is to be replaced */
	uint64_t generation;
	enum daemon_state state;
	int64_t since;			/* its start, seconds since 1970 */
	bool survives;			/* it was killed and does not end */
};

enum reload_result { RELOAD_NONE, RELOAD_SUCCESS, RELOAD_FAILURE };

struct admin_reload {
	int64_t last;			/* when the last one ended, seconds
					   since 1970; 0: there was none */
	enum reload_result result;
	char *reason;			/* of a failure: the errors; or NULL */
	int64_t last_success;		/* when the configuration that serves
					   was loaded, at the start or since */
};

/*
 * A certificate, authority or list that ends, as the listeners and upstreams
 * that serve have it now.
 */
struct admin_end {
	char *name;			/* of the listener or upstream */
	struct conf_due due;		/* .where is not told; the indices say
					   which of both it is, as they are
					   CONF_NONE or not */
};

/* A listener whose files are watched, and what there is on disk of them. */
struct admin_watched {
	const char *listener;
	const char *refused;		/* why it cannot be used, so that what
					   was there before goes on; or NULL */
	int64_t since;			/* of that, seconds since 1970 */
};

struct admin_news {
	enum daemon_state state;
	uint64_t generation;		/* that serves; the first is 1 */
	struct admin_worker *workers;	/* of all generations */
	size_t n_workers;
	struct admin_reload reload;
	const struct key_events *events;	/* NULL: none */
	struct admin_end *ends;		/* in the order of the configuration */
	size_t n_ends;
	struct admin_watched *watched;
	size_t n_watched;
};

/* Appends them as bytes, for packed.h. */
void	admin_news_pack(const struct admin_news *, struct buf *);

/*
 * Reads them from a descriptor with these bytes, texts and workers into the
 * arena.  False: it is none.
 */
bool	admin_news_read(int fd, struct arena *, struct admin_news *);

#endif
