/*
 * Requests of an admin process take turns: in a millisecond so many are
 * answered and no more, however many come at once or one behind the other, so
 * that those who ask for pages keep nobody from getting in and no order from
 * being passed on.  What is urgent goes first; else who came first does.
 */
#ifndef DAEMON_ADMIN_TURNS_H
#define DAEMON_ADMIN_TURNS_H

#include <stdbool.h>
#include <stdint.h>

#include "net/loop.h"
#include "net/timer.h"

/* In a millisecond; and besides, as many for what is urgent. */
#define ADMIN_TURNS	8

/* One that waits for its turn.  Its owner embeds it. */
struct admin_turn {
	struct admin_turn *next, *prev;	/* NULL: it does not wait */
};

enum admin_turn_end {
	ADMIN_TURN_TAKEN,
	ADMIN_TURN_LEFT,	/* not now: it goes on waiting, and costs
				   nobody a turn */
};

typedef enum admin_turn_end admin_turns_serve(void *owner,
		    struct admin_turn *);

/* Those who wait, and how many turns they have left in this millisecond. */
struct admin_queue {
	struct admin_turn head;		/* of a ring */
	unsigned left;
};

struct admin_turns {
	struct admin_queue urgent, others;
	struct timer next;
	admin_turns_serve *serve;
	void (*begin)(void *owner);
	void (*rest)(void *owner);
	void *owner;
};

/*
 * serve: its turn has come.  begin: a millisecond begins, with as many turns.
 * rest: nobody took one in the last, and nobody waits.
 */
void	admin_turns_init(struct admin_turns *, struct loop *,
	    admin_turns_serve *serve, void (*begin)(void *owner),
	    void (*rest)(void *owner), void *owner);

/* Nobody waits any more.  Allowed for one of zeros. */
void	admin_turns_end(struct admin_turns *);

/* Serves it, now or when its turn has come. */
void	admin_turns_wait(struct admin_turns *, struct admin_turn *,
	    bool urgent);

/* It waits no longer; harmless for one that does not. */
void	admin_turns_leave(struct admin_turn *);

#endif
