/*
 * The bytes taken of a request's body, kept so that all of them can be sent
 * again on another connection: up to a limit, and complete or not at all.
 *
 * Bytes that come while there is no connection are always kept: they are no
 * more than there was room for on the last one.
 *
 * An attempt embeds it.  Pure.
 */
#ifndef UPSTREAM_REPLAY_H
#define UPSTREAM_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "http/head.h"

struct replay {
	struct buf bytes;
	size_t limit;
	bool ended;		/* bytes are the whole body */
	bool lost;		/* the beginning was dropped */
};

/* Nothing was taken yet. */
void	replay_init(struct replay *, struct blocks *, size_t limit);

/* Takes n more bytes, which are sent at once; end: these are the last. */
void	replay_keep(struct replay *, const uint8_t *, size_t n, bool end);

/* Takes n more bytes, to be sent when there is a connection. */
void	replay_hold(struct replay *, const uint8_t *, size_t n, bool end);

/* All bytes kept were sent. */
void	replay_sent(struct replay *);

/* Nothing will be sent again: frees the memory. */
void	replay_drop(struct replay *);

/* Whether all that was taken is kept. */
bool	replay_is_whole(const struct replay *);

/* Whether all of this request's body will be kept, by its head. */
bool	replay_stays_whole(const struct replay *, const struct head *request);

#endif
