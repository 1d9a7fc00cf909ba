/*
 * What was counted and is known, over all processes, read by any of them; for
 * the parent and the process that tells others.  Numbers are those in the life
 * of the process (stats/numbers.h).
 *
 * A worker may have been taken over: what it wrote is taken for numbers, and
 * for nothing that leads anywhere.  Times of keys that are not within 1 to
 * TIME_MOST are not told.
 */
#ifndef STATS_READER_H
#define STATS_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/layout.h"
#include "stats/memory.h"

/* -- sums since the start -- */

uint64_t	stats_read_requests(const struct stats_memory *);
uint64_t	stats_read_route_requests(const struct stats_memory *,
		    uint32_t route);
uint64_t	stats_read_fault(const struct stats_memory *, enum fault);
uint64_t	stats_read_log_lost(const struct stats_memory *);
uint64_t	stats_read_restarts(const struct stats_memory *);

/* -- how it is now -- */

uint64_t	stats_read_clients(const struct stats_memory *,
		    uint32_t listener);

struct stats_connected {
	uint64_t idle, busy;
};
struct stats_connected	stats_read_connections(const struct stats_memory *,
			    uint32_t upstream);

/* Times are seconds since 1970. */
struct stats_key_facts {
	bool told;			/* a response told when it expires: */
	int64_t expires;
	int64_t last_used;		/* 0: never */
	uint64_t requests;		/* sent with it, since before the start
					   where that is kept */
	uint64_t rejected;		/* of these, as it is invalid */
	uint64_t carried;		/* by requests that are under way */
	unsigned refusal;		/* why the last of those that were
					   refused was; see stats.h */
	int64_t refused;		/* when; 0: never */
	uint64_t probes[KEY_ANSWERS];	/* beside the requests */
};
struct stats_key_facts	stats_read_key(const struct stats_memory *,
			    uint32_t key);

/*
 * The quota of a key, as a response last told it: requests that remain in the
 * window, those of a whole one, and its seconds.  False: none did; limit and
 * interval_s 0: it did not say.
 */
struct stats_quota {
	uint32_t remaining, limit, interval_s;
};
bool	stats_read_quota(const struct stats_memory *, uint32_t key,
	    struct stats_quota *);

/* A response told when the key expires, in seconds since 1970. */
bool			stats_read_expiry(const struct stats_memory *,
			    uint32_t key, int64_t *expires);
/* The same, as of policy/key_expiry.h. */
int64_t			stats_read_end(const struct stats_memory *,
			    uint32_t key);
/*
 * The end that counts of a value whose sealed file has filed; each is seconds
 * since 1970, or CONF_NO_TIME.
 */
int64_t			stats_read_counting_end(const struct stats_memory *,
			    uint32_t key, int64_t filed);

struct stats_loads {
	uint64_t done, refused;		/* reloads */
	bool good;			/* the last one, or the start */
	int64_t loaded;			/* the last good one, in seconds since
					   1970; 0: not yet */
};
struct stats_loads	stats_read_loads(const struct stats_memory *);

/* All processes that note it. */
struct stats_usage {
	uint64_t cpu_ns;		/* with those that ended */
	uint64_t resident;		/* bytes */
	uint64_t descriptors;
	int64_t started_ns;		/* wall clock */
};
struct stats_usage	stats_read_usage(const struct stats_memory *);

/* -- requests by route, method and code -- */

struct stats_series {
	uint32_t label;			/* see stats/series.h */
	uint64_t count;
};

/* All there are, sorted by label, each once; to be freed. */
struct stats_series	*stats_read_series(const struct stats_memory *,
			    size_t *n);

/* The sum over all slots; false: no exchange of that route ended yet. */
struct stats_durations {
	uint64_t each[DURATIONS + 1];	/* see stats/durations.h */
	uint64_t sum_ns;
	uint64_t others;		/* requests that are in no series */
};
bool	stats_read_durations(const struct stats_memory *, uint32_t route,
	    struct stats_durations *);

#endif
