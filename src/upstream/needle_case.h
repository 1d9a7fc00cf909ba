/*
 * What is looked for in the responses of each key.  It is made when a key is
 * used, and of the few keys that were used last it is kept: it takes thirty
 * times the locked memory of the key itself, and there may be thousands.  All
 * that it ever takes is asked for at the beginning.  Knows nothing of streams.
 * Called by egress.
 */
#ifndef UPSTREAM_NEEDLE_CASE_H
#define UPSTREAM_NEEDLE_CASE_H

#include <stddef.h>

#include "conf/conf.h"
#include "upstream/needles.h"

struct needle_case;

/* Of so many keys it is kept at most. */
#define NEEDLE_CASE_KEYS	32

/* Bytes of secret memory that it takes. */
size_t			 needle_case_memory(const struct conf *);

/* Borrows the configuration. */
struct needle_case	*needle_case_new(const struct conf *);

/* Wipes all.  NULL is fine. */
void			 needle_case_free(struct needle_case *);

/* That of a key, by its number; valid until the next call. */
const struct needles	*needle_case_get(struct needle_case *, size_t key);

#endif
