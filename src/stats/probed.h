/*
 * What people are to be told that probes said of keys, by their numbers and
 * those of upstreams: written by the parent, read by the admin process.  Each
 * number of it is whole; that all are of one moment is not promised.
 */
#ifndef STATS_PROBED_H
#define STATS_PROBED_H

#include <stdint.h>

#include "stats/memory.h"

/* Probes that said nothing clear of a value, one after the other. */
struct stats_unclear {
	uint32_t n;			/* 0: the last one did, or none was
					   sent; all else is 0 then */
	int64_t since, last;		/* the first and the last of them, in
					   seconds since 1970 */
	/* Of the last one. */
	uint32_t upstream;
	uint32_t status;		/* 0: there was no answer */
	uint32_t fault;			/* why, of policy/fault.h */
};

void			stats_note_unclear(struct stats_memory *,
			    uint32_t key, const struct stats_unclear *);
struct stats_unclear	stats_unclear(const struct stats_memory *,
			    uint32_t key);

/* Upstreams that refuse a value, though another one does not. */
#define PROBED_REFUSING	4
struct stats_refusing {
	uint32_t n;			/* of them, only the first are known */
	uint32_t upstreams[PROBED_REFUSING];
	uint32_t taking;		/* that did not refuse it last */
};

void			stats_note_refusing(struct stats_memory *,
			    uint32_t key, const struct stats_refusing *);
struct stats_refusing	stats_refusing(const struct stats_memory *,
			    uint32_t key);

#endif
