/*
 * The metrics as text for Prometheus (text format 0.0.4), from the shared
 * memory.  metrics.tbl has each of them.
 */
#ifndef STATS_METRICS_H
#define STATS_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "policy/key_state.h"
#include "stats/memory.h"

/* The content type of the text. */
#define METRICS_TYPE	"text/plain; version=0.0.4; charset=utf-8"

/* A name, and its number in the memory (stats/numbers.h). */
struct metrics_name {
	const char *name;
	uint32_t number;
};

struct metrics_key {
	const char *name;
	uint32_t number;
	int64_t expires;		/* by its sealed file, in seconds since
					   1970; CONF_NO_TIME: not said */
};

/* A certificate of a listener, or for an upstream, of this name. */
struct metrics_end {
	const char *name;
	int64_t until;			/* seconds since 1970 */
};

/* A listener whose files are watched. */
struct metrics_watched {
	const char *listener;
	bool refused;			/* what changed on disk cannot be
					   used */
};

/* What the current configuration has; nothing else is shown. */
struct metrics_names {
	const char *version;		/* of the program */
	const struct metrics_key *keys;
	const struct metrics_name *listeners, *routes, *upstreams;
	size_t n_keys, n_listeners, n_routes, n_upstreams;

	/* Ours, of listeners and for upstreams; they may be renewed. */
	const struct metrics_end *certificates, *presented;
	size_t n_certificates, n_presented;
	const struct metrics_watched *watched;
	size_t n_watched;
};

struct metrics;

/*
 * Opens what will be read of this process, which is counted among the others'
 * unless it has a slot itself.  All is borrowed.
 */
struct metrics	*metrics_new(const struct stats_memory *,
		    const struct metrics_names *);
void		 metrics_free(struct metrics *);

/* Appends the text, as of now, with the states of the keys; opens no file. */
void		 metrics_write(struct metrics *, const enum key_state *states,
		    struct buf *out);

/* For people: every metric with its type, labels and help. */
void		 metrics_print_reference(FILE *);

#endif
