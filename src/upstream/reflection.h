/*
 * An upstream that sends a key back would hand it to whoever may ask through
 * us.  The search for what needles.h lists in a body while it streams,
 * whatever the borders of the pieces: what may be the beginning of it is held
 * back until the next piece shows whether it is.  A compressed body hides it.
 * Called by egress.
 *
 * Fewer than REFLECTION_HELD bytes are not held back, for any text ends so,
 * and a stream of events would wait for its next one.  They are remembered:
 * where the key goes on behind them it is found all the same, and no more
 * than they have left.
 */
#ifndef UPSTREAM_REFLECTION_H
#define UPSTREAM_REFLECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/text.h"
#include "upstream/needles.h"

#define REFLECTION_HELD		8

struct reflection {
	struct buf held;	/* less than needles' reach, and "past" */
	size_t past;		/* so many of it are not needed any more */
	size_t passed;		/* so many are passed on, those included */
};

/* Borrows blocks (may be NULL) for what is held back. */
void	reflection_start(struct reflection *, struct blocks *);

/* Fine for what is all zero. */
void	reflection_release(struct reflection *);

/*
 * Takes the next piece of the body; the needles are the same for all of them.
 * False: the key is in it, nothing more may be passed.  Otherwise first and
 * then second, either may be empty, is what can be passed on: valid as long
 * as the piece, and until the next call of this or reflection_goes_on().
 */
bool	reflection_pass(struct reflection *, const struct needles *,
	    struct text piece, struct text *first, struct text *second);

/*
 * What the body ended with goes on as the key does in this text, a trailer
 * perhaps.
 */
bool	reflection_goes_on(struct reflection *, const struct needles *,
	    struct text);

/*
 * What is still held when the body ends: it was no key after all.  It and
 * what was to be passed on before are valid until reflection_release().
 */
struct text reflection_rest(struct reflection *);

#endif
