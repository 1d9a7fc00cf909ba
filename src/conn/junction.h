/*
 * Where a link and a codec meet: what comes out of one goes into the other.
 * There is one at either end of an exchange, in the client's session and in the
 * upstream's connection; what the bytes mean is theirs.
 *
 * An owner embeds it.  It settles after everything that happened: the codec
 * goes on, the link learns what is wanted.
 */
#ifndef CONN_JUNCTION_H
#define CONN_JUNCTION_H

#include <stdbool.h>

#include "http/codec.h"
#include "net/link.h"
#include "net/loop.h"
#include "net/timer.h"

/* Called from the loop; none after junction_close() but freed(). */
struct junction_events {
	/* Input came.  It goes to the codec unless the owner closed. */
	void	(*input)(void *owner);

	/* Something happened, or junction_wake() was called. */
	void	(*settle)(void *owner);

	/* The link is dead. */
	void	(*failed)(void *owner);

	/* The deadline set on the timer passed. */
	void	(*late)(void *owner);

	/* The end of the turn in which it was closed: free the owner. */
	void	(*freed)(void *owner);
};

struct junction {
	struct loop *loop;
	struct link *link;		/* NULL once closed */
	struct codec *codec;
	struct timer timer;
	const struct junction_events *events;
	void *owner;
	struct deferred settle;
	struct deferred reap;
	bool ended;			/* the link's input has ended */
	bool closed;
};

/* What a link is made with that is to be a junction's; its owner is j. */
extern const struct link_events junction_link_events;

/* Takes the codec and the link.  Input is wanted at first. */
void	junction_init(struct junction *j, struct loop *, struct codec *,
	    struct link *, const struct junction_events *, void *owner);

/* Closes the link, frees the rest at the end of the turn. */
void	junction_close(struct junction *, enum link_end);

/* settle() at the end of the turn; nothing where it was closed. */
void	junction_wake(struct junction *);

/* The end of settling: reading is wanted or not, output is to be sent. */
void	junction_go_on(struct junction *, bool wants_input);

#endif
