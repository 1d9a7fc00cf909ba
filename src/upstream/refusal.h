/*
 * What a response says that refuses a request: 401, 403, 429.  refusal.tbl has
 * what upstreams say, and what most likely happened.
 *
 * Only a 401 whose head or body holds the code of an invalid credential says
 * something against the key: inner services answer 401, too, and so does a
 * wrong password of an end user.  And it is no proof, for clients choose what
 * they ask.  A 403 never says anything against a key.
 *
 * Pure and total: any bytes are read without harm, and no more than
 * REFUSAL_BODY of them.  Called by call, and by those who show the words.
 */
#ifndef UPSTREAM_REFUSAL_H
#define UPSTREAM_REFUSAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/blocks.h"
#include "base/text.h"
#include "http/head.h"

enum refusal {
	REFUSAL_NONE,		/* the response refuses nothing */
#define REFUSAL(name, status, kind, where, text, source, words) REFUSAL_##name,
#include "upstream/refusal.tbl"
#undef REFUSAL
	REFUSAL_COUNT
};

/* Bytes of a body that are enough. */
#define REFUSAL_BODY	8192

/*
 * What the head of a response says alone; false: its body has to be read for
 * it, by refusal_of().
 */
bool		refusal_of_head(const struct head *, enum refusal *);

/*
 * What a response says by its body, which may be compressed by gzip: its first
 * REFUSAL_BODY bytes, or all of it; one that is cut says nothing.  The blocks
 * lend memory meanwhile.
 */
enum refusal	refusal_of(const struct head *, struct text body,
		    struct blocks *);

/* Whether the upstream gave a reason, and not the status alone. */
bool		refusal_has_a_reason(enum refusal);

/* Whether it says that the key is invalid. */
bool		refusal_is_of_key(enum refusal);

/* What most likely happened; NULL for REFUSAL_NONE, and any other number. */
const char	*refusal_words(enum refusal);

#endif
