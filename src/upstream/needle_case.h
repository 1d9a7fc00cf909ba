/*
 * The needles of each key, to be searched for in its responses.  They are made
 * when a key is used, and kept for the few keys that were used last: they take
 * thirty times the locked memory of the key itself, and there may be thousands.
 * All of that memory is allocated at the beginning.  Knows nothing of streams.
 * Called by egress.
 */
#ifndef UPSTREAM_NEEDLE_CASE_H
#define UPSTREAM_NEEDLE_CASE_H

#include <stddef.h>

#include "conf/conf.h"
#include "upstream/needles.h"

struct needle_case;

/* For how many keys they are kept at most. */
#define NEEDLE_CASE_KEYS	32

/* The bytes of secret memory that it takes. */
size_t			 needle_case_memory(const struct conf *);

/* Borrows the configuration. */
struct needle_case	*needle_case_new(const struct conf *);

/* Wipes everything.  NULL is fine. */
void			 needle_case_free(struct needle_case *);

/* The needles of a key, by its number; valid until the next call. */
const struct needles	*needle_case_get(struct needle_case *, size_t key);

#endif
