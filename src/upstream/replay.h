/*
 * What was taken of a request's body, kept so that all of it can be sent again
 * on another connection: up to a limit, and whole or not at all.
 *
 * What comes while there is no connection is kept whatever it is: it is no
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
	bool ended;		/* they are the whole body */
	bool lost;		/* the beginning is no longer there */
};

/* Nothing was taken yet. */
void	replay_init(struct replay *, struct blocks *, size_t limit);

/* n bytes more, sent at once; end: no more will come. */
void	replay_keep(struct replay *, const uint8_t *, size_t n, bool end);

/* n bytes more, to be sent when there is a connection. */
void	replay_hold(struct replay *, const uint8_t *, size_t n, bool end);

/* All that is there was sent. */
void	replay_sent(struct replay *);

/* Nothing will be sent again: the memory is given back. */
void	replay_drop(struct replay *);

/* All that was taken is there. */
bool	replay_is_whole(const struct replay *);

/* All that will be taken of this request's body will be there, too. */
bool	replay_stays_whole(const struct replay *, const struct head *request);

#endif
