/*
 * A conn is a link and a codec: what comes out of one goes into the other.
 * There is one at either end of an exchange, in the client's session and in the
 * upstream's connection, which know what the bytes mean.
 *
 * An owner embeds it.  It settles after everything that happened: the codec
 * goes on, the link learns what is wanted.
 */
#ifndef CONN_CONN_H
#define CONN_CONN_H

#include <stdbool.h>

#include "http/codec.h"
#include "net/link.h"
#include "net/loop.h"
#include "net/timer.h"

/* Called from the loop; none after conn_close() but freed(). */
struct conn_events {
	/*
	 * Input came.  It goes to the codec unless the owner closed.  NULL: the
	 * owner need not know.
	 */
	void	(*input)(void *owner);

	/* Something happened, or conn_wake() was called. */
	void	(*settle)(void *owner);

	/* The link is dead. */
	void	(*failed)(void *owner);

	/* The deadline set on the timer passed. */
	void	(*late)(void *owner);

	/* The end of the turn in which it was closed: free the owner. */
	void	(*freed)(void *owner);
};

struct conn {
	struct loop *loop;
	struct link *link;		/* NULL once closed */
	struct codec *codec;
	struct timer timer;
	const struct conn_events *events;
	void *owner;
	struct deferred settle;
	struct deferred reap;
	bool ended;			/* the link's input has ended */
	bool blocked;			/* the link was when it wrote last */
	bool closed;
};

/* The events of a link that a conn is to own; their owner is the conn. */
extern const struct link_events conn_link_events;

/* Takes the codec and the link.  Input is wanted at first. */
void	conn_init(struct conn *conn, struct loop *, struct codec *,
	    struct link *, const struct conn_events *, void *owner);

/* Closes the link, frees the rest at the end of the turn. */
void	conn_close(struct conn *, enum link_end);

/* settle() is called at the end of the turn; not after conn_close(). */
void	conn_wake(struct conn *);

/* Ends settling: says whether reading is wanted, and sends output. */
void	conn_go_on(struct conn *, bool wants_input);

#endif
