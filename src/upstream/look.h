/*
 * A response that its owner looks at before it is passed on: its head, the
 * first of its body, and what became of it.  All of it is then passed on in
 * order, no faster than the consumer has room for it, which may be long after
 * its connection was given back.
 *
 * For that the codec gets credit that the consumer has not given yet, the
 * advance; it is paid back by what the consumer gives.  Until then bytes may
 * come that there is no room for, and go through here.
 *
 * An attempt embeds it; all zero, nothing is looked at.  Pure.
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

/* Bytes of a body that are enough. */
#define LOOK_MOST	8192

enum look_state {
	LOOK_OFF,		/* what comes goes straight to the owner */
	LOOK_COLLECTS,
	LOOK_PASSES,		/* it was seen: goes on behind what was */
};

enum look_end {
	LOOK_OPEN,		/* more may come */
	LOOK_ENDED,
	LOOK_TRAILERS,		/* ended with them */
	LOOK_CUT,		/* ended by the fault */
};

struct look {
	enum look_state state;
	enum look_end end;
	struct arena *arena;
	const struct head *head, *trailers;
	struct buf body;		/* that was not passed on yet */
	size_t advance;
	enum fault fault;
	const char *detail;
};

/*
 * Begins with this head, which is copied; end: it is all.  credit is what the
 * consumer has given and not used.  What is returned the codec gets besides.
 */
size_t	look_begin(struct look *, struct arena *, struct blocks *,
	    const struct head *, bool end, size_t credit);

/* More of the body. */
void	look_body(struct look *, const uint8_t *, size_t n, bool end);

/* The end, with trailers, which are copied. */
void	look_trailers(struct look *, const struct head *);

/* The end, and a bad one; detail is copied. */
void	look_cut(struct look *, enum fault, const char *detail);

/* It need not collect more, or cannot. */
bool	look_is_enough(const struct look *);

/* What is there of the body, but no more than LOOK_MOST of it. */
struct text look_text(const struct look *);

/* The consumer gave credit for n bytes: for how many the codec gets it. */
size_t	look_credit(struct look *, size_t n);

/*
 * Takes out what can be passed on with so much credit, into a buffer that
 * becomes the caller's.
 */
struct buf look_take(struct look *, size_t credit);

/* All of the body was taken that is there. */
bool	look_is_empty(const struct look *);

/* The memory is given back, and nothing is looked at. */
void	look_release(struct look *);

#endif
