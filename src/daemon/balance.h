/*
 * How new clients are balanced among workers: what each worker lets the
 * others know of each of its listeners, in memory that they share, and whose
 * turn it is by that.
 *
 * A worker waits for clients, or is away: it had more of them lately than
 * another one, and lets that one go first; or it takes none.  What a worker
 * had lately is halved every second, so that neither a new worker nor one
 * that was stuck is given all that come for long.
 *
 * It knows no sockets and wakes nobody; daemon/listeners does.  The parent,
 * which makes it and notes which workers died, reads nothing in it.
 */
#ifndef DAEMON_BALANCE_H
#define DAEMON_BALANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* By how many clients a worker may be ahead of another. */
#define BALANCE_LEAD	2

struct balance;

enum balance_state {
	BALANCE_NONE,		/* full, ending, or not there */
	BALANCE_WAITS,
	BALANCE_AWAY,		/* to be woken when it is its turn */
};

/* One listener of one worker. */
struct balance_place {
	struct balance *balance;
	size_t worker, listener;
};

struct balance	*balance_new(size_t workers, size_t listeners);
void		 balance_free(struct balance *);

/* A worker died: none of its listeners takes clients. */
void		 balance_reset(struct balance *, size_t worker);

/*
 * What one worker sets is seen by another that looks after it set something
 * itself: of two that both do so, one at least sees the other.
 */
void		 balance_set(const struct balance_place *, enum balance_state);

/* It took a client, at now (monotonic, ns). */
void		 balance_note(const struct balance_place *, int64_t now);

/*
 * This one had BALANCE_LEAD clients more than the one that had the fewest of
 * the others that take some: *other and its state.  False: it may take one.
 */
bool		 balance_is_ahead(const struct balance_place *, int64_t now,
		    size_t *other, enum balance_state *);

/* Another one takes clients: one that waits, if there is one. */
bool		 balance_has_other(const struct balance_place *, size_t *other,
		    enum balance_state *);

#endif
