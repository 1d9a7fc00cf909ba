/*
 * A response on its way to the client is read while it passes, where it refuses
 * a request and its head does not say why: it is not held up, and no more than
 * the beginning of its body is kept.
 *
 * A call embeds it; if it is all zero, nothing is read.  Pure.
 */
#ifndef UPSTREAM_OVERHEAR_H
#define UPSTREAM_OVERHEAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "http/head.h"
#include "upstream/refusal.h"

struct overhear {
	const struct head *head;	/* NULL: nothing more is read */
	struct buf body;
};

/*
 * Begins with a response's head, which is copied into the arena if more of it
 * is needed; end: there is no more.  This and the following tell what it says
 * once, as soon as that is known, and REFUSAL_NONE else.
 */
enum refusal	overhear_head(struct overhear *, struct arena *,
		    struct blocks *, const struct head *, bool end);

/* The next bytes of its body. */
enum refusal	overhear_body(struct overhear *, const uint8_t *, size_t n,
		    bool end);

/* No more of it comes: frees the memory.  Fine at any time. */
enum refusal	overhear_end(struct overhear *);

#endif
