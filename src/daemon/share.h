/*
 * How new clients are shared out among workers: what each worker lets the
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
#ifndef DAEMON_SHARE_H
#define DAEMON_SHARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* By how many clients a worker may be ahead of another. */
#define SHARE_LEAD	2

struct share;

enum share_state {
	SHARE_NONE,		/* full, ending, or not there */
	SHARE_WAITS,
	SHARE_AWAY,		/* to be woken when it is its turn */
};

/* One listener of one worker. */
struct share_place {
	struct share *share;
	size_t worker, listener;
};

struct share	*share_new(size_t workers, size_t listeners);
void		 share_free(struct share *);

/* A worker died: none of its listeners takes clients. */
void		 share_reset(struct share *, size_t worker);

/*
 * What one worker sets is seen by another that looks after it set something
 * itself: of two that both do so, one at least sees the other.
 */
void		 share_set(const struct share_place *, enum share_state);

/* It took a client, at now (monotonic, ns). */
void		 share_note(const struct share_place *, int64_t now);

/*
 * This one had SHARE_LEAD clients more than the one that had the fewest of
 * the others that take some: *other and its state.  False: it may take one.
 */
bool		 share_is_ahead(const struct share_place *, int64_t now,
		    size_t *other, enum share_state *);

/* Another one takes clients: one that waits, if there is one. */
bool		 share_has_other(const struct share_place *, size_t *other,
		    enum share_state *);

#endif
