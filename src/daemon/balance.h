/*
 * How new clients are balanced among workers: in memory that they share, each
 * worker tells the others the state of each of its listeners, and by that it is
 * decided whose turn it is.
 *
 * A worker waits for clients; or is away, because it had more of them lately
 * than another worker, which it lets go first; or it takes none, at least while
 * others do.  The number
 * that a worker had lately is halved every second, so that a new worker, or one
 * that was stuck, is given all new clients for a short time only.
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
	BALANCE_FULL,		/* but may make room */
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
 * Sequentially consistent: a worker that sets its state and then looks sees
 * what others set before.  Of two that do so at once, one at least sees the
 * other.
 */
void		 balance_set(const struct balance_place *, enum balance_state);

/* It took a client, at now (monotonic, ns). */
void		 balance_note(const struct balance_place *, int64_t now);

/*
 * This listener had at least BALANCE_LEAD clients more than the one that had
 * the fewest, of the others that take clients: *other is that worker, with its
 * state.  False: it may take a client.
 */
bool		 balance_is_ahead(const struct balance_place *, int64_t now,
		    size_t *other, enum balance_state *);

/*
 * Whether another worker takes clients: *other is one that waits, if there is
 * one.
 */
bool		 balance_has_other(const struct balance_place *, size_t *other,
		    enum balance_state *);

/* Whether another worker, *other, may make room. */
bool		 balance_has_full(const struct balance_place *, size_t *other);

#endif
