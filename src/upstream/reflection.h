/*
 * An upstream that sends a key back would give it to every client that may send
 * requests through us.  This searches a body for the texts of secret_patterns.h
 * while it streams, across the borders of its pieces: bytes that may be the
 * beginning of one are held back until the next piece decides.  A compressed
 * body hides them.  Called by call.
 *
 * Fewer than REFLECTION_HELD bytes are not held back, because any text may end
 * with so few, and a stream of events would wait for its next one.  They are
 * remembered: if the key goes on after them it is found all the same, and only
 * they have left.
 */
#ifndef UPSTREAM_REFLECTION_H
#define UPSTREAM_REFLECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/text.h"
#include "upstream/secret_set.h"

#define REFLECTION_HELD		8

struct reflection {
	struct buf held;	/* fewer than their reach, and "past" */
	size_t past;		/* how many of them are not needed any more */
	size_t passed;		/* how many were passed on, those included */
};

/* Borrows blocks (may be NULL) for what is held back. */
void	reflection_start(struct reflection *, struct blocks *);

/* Fine for one that is all zero. */
void	reflection_release(struct reflection *);

/*
 * Takes the next piece of the body; the secret patterns are the same for all
 * pieces.  False: the key is in it, and nothing more may be passed on.
 * Otherwise first and then second (either may be empty) can be passed on: they
 * are valid as long as the piece, and until the next call of this or
 * reflection_goes_on().
 */
bool	reflection_pass(struct reflection *, const struct secret_set *,
	    struct text piece, struct text *first, struct text *second);

/*
 * Whether a key that began at the end of the body goes on in this text, such as
 * a trailer.
 */
bool	reflection_goes_on(struct reflection *, const struct secret_set *,
	    struct text);

/*
 * The bytes still held when the body ends: they were no key.  They and earlier
 * ones are valid until reflection_release().
 */
struct text reflection_rest(struct reflection *);

#endif
