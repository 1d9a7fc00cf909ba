/*
 * The secret patterns of each key, to be searched for in its responses.  They
 * are made when a key is used, and kept for the few keys that were used last:
 * they take thirty times the locked memory of the key itself, and there may be
 * thousands.  All of that memory is allocated at the beginning.  Knows nothing
 * of streams.  Called by call.
 */
#ifndef UPSTREAM_PATTERN_TABLE_H
#define UPSTREAM_PATTERN_TABLE_H

#include <stddef.h>

#include "conf/conf.h"
#include "upstream/secret_patterns.h"

struct pattern_table;

/* For how many keys they are kept at most. */
#define PATTERN_TABLE_KEYS	32

/* The bytes of secret memory that it takes. */
size_t			 pattern_table_memory(const struct conf *);

/* Borrows the configuration. */
struct pattern_table	*pattern_table_new(const struct conf *);

/* Wipes everything.  NULL is fine. */
void			 pattern_table_free(struct pattern_table *);

/*
 * The secret patterns of a key, by its number; valid until the call after the
 * next one, so that those of two keys can be searched for.
 */
const struct secret_patterns *pattern_table_get(struct pattern_table *,
			    size_t key);

#endif
