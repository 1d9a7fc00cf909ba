/*
 * What lies in the memory of stats/memory.h, in this order, each part on pages
 * of its own:
 *
 *	struct stats_decided	written by the parent, read by all
 *	struct stats_known	written and read by all workers
 *	struct stats_held	one per process that counts, written by it, read
 *				by all workers
 *	struct stats_slot	one per process that counts, written by it alone
 *
 * All of it is zero at first.  Where routes, keys, listeners and upstreams have
 * a place, it is that of their numbers in the life of the process.  For stats/
 * only: others ask functions.
 */
#ifndef STATS_LAYOUT_H
#define STATS_LAYOUT_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "policy/foreign_use.h"
#include "policy/key_suspicion.h"
#include "policy/proxy_gate.h"
#include "policy/quota_gate.h"
#include "stats/counts.h"
#include "stats/probed.h"

#define CACHE_LINE	64

/* -- what the parent decides -- */

/* The use of a key before the start. */
struct use_before {
	_Atomic uint64_t requests;
	_Atomic int64_t last;		/* seconds since 1970; 0: never */
};

/* Of a key's value. */
struct decided_key {
	_Atomic uint32_t facts;		/* a set of policy/key_state.h */
	_Atomic uint32_t promoted;	/* see stats/decided.h */
	_Atomic int64_t rejected_ns;	/* when, by clock_boot() */
	_Atomic int64_t off_ns;		/* since when it is off, the same */
	_Atomic int64_t ended, given_up;	/* see stats/decided.h */
	_Atomic int64_t believed_ns;	/* the same */
	_Atomic int64_t promoted_at;	/* the same */
};

/* What people are told that probes said of it; see stats/probed.h. */
struct probed_key {
	_Atomic uint32_t unclear;
	_Atomic uint32_t upstream, status, fault;
	_Atomic int64_t since, last;
	_Atomic uint32_t n_refusing;
	_Atomic uint32_t refusing[PROBED_REFUSING], taking;
};

struct stats_decided {
	_Atomic uint64_t slot_size;	/* of the program that made it */
	_Atomic int64_t started_ns;	/* wall clock */
	_Atomic uint64_t restarts;
	_Atomic uint64_t reloads_done, reloads_refused;
	_Atomic bool last_load_good;
	_Atomic int64_t loaded;		/* seconds since 1970: the last good
					   one */
	_Atomic uint64_t cpu_ns;	/* of all processes */
	_Atomic uint32_t slots;		/* those that were ever taken are the
					   first ones */
	struct use_before before[STATS_KEYS];
	_Atomic int64_t probed[STATS_KEYS];	/* seconds since 1970; 0:
						   never */
	_Atomic uint64_t changes;	/* of keys */
	struct decided_key keys[STATS_KEYS];
	struct probed_key said[STATS_KEYS];
	_Atomic uint64_t lets_in;	/* see stats/letting_in.h */
	_Atomic uint64_t trust[STATS_LISTENERS];	/* the same */
	_Atomic uint64_t seed[2];	/* random */
};

/* -- what workers report -- */

/* An expiry is kept as this differs from it, so that 0 is: none. */
#define NO_EXPIRY	INT64_MIN

struct known_key {
	alignas(CACHE_LINE) _Atomic int64_t expires;	/* ^ NO_EXPIRY */
	_Atomic int64_t steady_at, unsteady_told;	/* see policy/rate.h */
	/* Of its quota, as last told; each + 1, 0: not told. */
	_Atomic uint32_t remaining, limit, interval_s;
	_Atomic uint64_t refusal;	/* the last: REFUSAL_BITS of why, and
					   seconds since 1970; 0: none */
	struct quota_gate gate;
	struct foreign_use foreign_use;
};

/* Of a refusal's number. */
#define REFUSAL_BITS	8

struct known_route {
	alignas(CACHE_LINE) _Atomic int64_t full_at;	/* see policy/rate.h */
};

/* A client of a route that limits each; see stats/quota_clients.h. */
#define QUOTA_CLIENTS	8192

struct known_client {
	_Atomic uint64_t tag;			/* 0: none */
	_Atomic int64_t full_at;
};

struct stats_known {
	struct known_client clients[QUOTA_CLIENTS];
	struct known_key keys[STATS_KEYS];
	struct known_route routes[STATS_ROUTES];
	struct proxy_gate proxies[STATS_UPSTREAMS];
	_Atomic bool astray[STATS_ROUTES];
};

/* The exchanges of one worker that hold a place, see stats/places.h. */
struct stats_held {
	_Atomic uint32_t routes[STATS_ROUTES];
	_Atomic uint32_t clients[QUOTA_CLIENTS];
	_Atomic uint32_t waiters[STATS_KEYS];	/* that wait for a quota */
};

/* -- what a process counts -- */

struct stats_process {
	_Atomic uint64_t resident;	/* bytes */
	_Atomic uint64_t descriptors;
	_Atomic int64_t turn_ns;	/* of its loop, monotonic; 0: none */
};

struct key_use {
	_Atomic uint64_t requests;
	_Atomic uint64_t rejected;	/* responses that said it is invalid */
	_Atomic int64_t last;		/* seconds since 1970; 0: never */
	_Atomic uint64_t probes[KEY_ANSWERS];
	_Atomic uint64_t carried;	/* requests that carry it now */
};

/* The place of exchanges that got no route. */
#define NO_ROUTE	STATS_ROUTES

/* Bounds of durations, in the unit of a histogram; beyond the last: one more */
#define DURATIONS	13

struct route_count {
	_Atomic uint64_t durations[DURATIONS + 1];	/* each alone */
	_Atomic uint64_t sum_ns;
	_Atomic uint64_t others;	/* for which no series was left */
};

/* Requests of one route, method and code. */
#define STATS_SERIES	65536

struct series {
	_Atomic uint32_t label;		/* see stats/series.h */
	_Atomic uint64_t count;
};

struct stats_slot {
	alignas(CACHE_LINE) struct stats_worker worker;
	struct stats_process process;
	_Atomic uint64_t clients[STATS_LISTENERS];	/* connected now, or
							   lingering */
	struct stats_connections upstreams[STATS_UPSTREAMS];
	struct key_use keys[STATS_KEYS];
	/* 1 + index into counts; 0: that route was not seen here. */
	_Atomic uint32_t route_counts[STATS_ROUTES + 1];
	_Atomic uint32_t n_counts;
	struct route_count counts[STATS_ROUTES + 1];
	_Atomic uint32_t n_series;
	struct series series[STATS_SERIES];
};

#endif
