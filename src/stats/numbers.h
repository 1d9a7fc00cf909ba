/*
 * Keys, routes, listeners and upstreams have numbers for the life of the
 * process, by which they have their places in the shared memory: a key by the
 * SHA-256 of its value, so that several names of one value are one key; the
 * others by their names.  The parent gives them.
 */
#ifndef STATS_NUMBERS_H
#define STATS_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "conf/conf.h"

/* Those of one configuration, in its order. */
struct stats_numbers {
	uint32_t *keys, *listeners, *routes, *upstreams;
	size_t n_keys, n_listeners, n_routes, n_upstreams;
};

/* By what the value of a key is known; false: it cannot be had. */
bool			 stats_value_digest(const struct conf_key *,
			    uint8_t digest[DIGEST_SIZE]);

/* All that were given so far. */
struct numbering;

struct numbering	*numbering_new(void);
void			 numbering_free(struct numbering *);

/*
 * Numbers what the configuration has.  False with the reason: there would be
 * more than have a place; then no new numbers were given.
 */
bool			 numbering_give(struct numbering *,
			    const struct conf *, struct stats_numbers *,
			    char *why, size_t why_size);

/* The number of the value with this SHA-256; false: it was given none. */
bool			 numbering_find_key(const struct numbering *,
			    const uint8_t *digest, uint32_t *number);

/* Of numbers that are all zero as well. */
void			 stats_numbers_release(struct stats_numbers *);

#endif
