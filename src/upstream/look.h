/*
 * A response that its owner looks at before it is passed on: its head, the
 * beginning of its body, and its end.  All of it is then passed on in order, no
 * faster than the consumer has room for it; that may be long after its
 * connection was given back.
 *
 * For that the codec gets credit that the consumer has not given yet, the
 * advance; it is paid back from the consumer's credit.  Until then more bytes
 * may come than there is room for, and they go through here.
 *
 * An attempt embeds it; if it is all zero, nothing is looked at.  Pure.
 */
#ifndef UPSTREAM_LOOK_H
#define UPSTREAM_LOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "http/head.h"
#include "policy/fault.h"

/* Bytes of a body that are enough for a look. */
#define LOOK_MOST	8192

enum look_state {
	LOOK_OFF,		/* bytes go straight to the owner */
	LOOK_COLLECTS,
	LOOK_PASSES,		/* after the look: bytes follow those
				   collected */
};

enum look_end {
	LOOK_OPEN,		/* more may come */
	LOOK_ENDED,
	LOOK_TRAILERS,		/* ended with trailers */
	LOOK_CUT,		/* ended by the fault */
};

struct look {
	enum look_state state;
	enum look_end end;
	struct arena *arena;
	const struct head *head, *trailers;
	struct buf body;		/* the part not passed on yet */
	size_t advance;
	enum fault fault;
	const char *detail;
};

/*
 * Begins with this head, which is copied; end: there is no more.  credit is the
 * consumer's that is not used yet.  Returns the credit that the codec gets in
 * addition.
 */
size_t	look_begin(struct look *, struct arena *, struct blocks *,
	    const struct head *, bool end, size_t credit);

/* Collects more of the body. */
void	look_body(struct look *, const uint8_t *, size_t n, bool end);

/* The response ended with trailers, which are copied. */
void	look_trailers(struct look *, const struct head *);

/* The response failed; detail is copied. */
void	look_cut(struct look *, enum fault, const char *detail);

/* Whether enough was collected, or there is no more. */
bool	look_is_enough(const struct look *);

/* The body that was collected, but no more than LOOK_MOST of it. */
struct text look_text(const struct look *);

/* The consumer gave credit for n bytes; returns how much the codec gets. */
size_t	look_credit(struct look *, size_t n);

/*
 * Takes out as much as this credit allows, in a buffer that becomes the
 * caller's.
 */
struct buf look_take(struct look *, size_t credit);

/* Whether all that was collected of the body was taken. */
bool	look_is_empty(const struct look *);

/* Frees the memory; nothing is looked at any more. */
void	look_release(struct look *);

#endif
