/*
 * One connection to an upstream, with one key: its link, its codec, and its
 * present user.  The pool makes, lends and closes it; attempt uses it, and has
 * the deadlines of its own exchange: the connection's deadline is for being
 * idle.
 */
#ifndef UPSTREAM_CONNECTION_H
#define UPSTREAM_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "http/codec.h"
#include "net/link.h"
#include "net/loop.h"

struct connection;

/*
 * -- for the user --
 *
 * A user has it for one exchange.  It opens a stream of the codec and gets that
 * stream's events; if the connection fails, they first tell what became of the
 * stream.
 */

struct codec	*connection_codec(struct connection *);

/* Whether it carried an exchange before this user's. */
bool		 connection_was_used(const struct connection *);

/* Whether a byte came since this user has it. */
bool		 connection_has_heard(const struct connection *);

#define CONNECTION_TLS_FAILURE	100

/*
 * Whether it ended because TLS failed, perhaps by the upstream's alert; why
 * gets one line.
 */
bool		 connection_tls_failure(const struct connection *, char *why,
		    size_t why_size);

/*
 * Whether input came before any byte of this user's could have arrived, so that
 * it cannot be an answer to them.
 */
bool		 connection_heard_early(const struct connection *);

/*
 * Whether all bytes that the user gave to the codec have arrived; a system
 * call.
 */
bool		 connection_has_arrived(const struct connection *);

/* Nobody may use it after this user. */
void		 connection_spoil(struct connection *);

/*
 * Takes from the head of a response how long the upstream keeps the connection.
 */
void		 connection_note_response(struct connection *,
		    const struct head *);

/* Called after the user called the codec: go on at the end of the turn. */
void		 connection_wake(struct connection *);

/* -- for the pool -- */

struct connection_owner {
	struct loop *loop;
	const struct codec_shared *codec;
	void *owner;

	/* It cannot be used any more; why says so.  connection_close() it. */
	void (*useless)(void *owner, struct connection *, const char *why);
};

/* Its links in a list of the pool's. */
struct connection_place {
	struct connection_place *next, **prev;
	struct connection *connection;
};

/*
 * Made of a finished handshake; takes over the SSL and its descriptor.  It is
 * idle, and after max_age milliseconds gets no new user.
 */
struct connection *connection_new(const struct connection_owner *, SSL *,
		    int fd, int64_t max_age);

/*
 * For that: of connections made together not all are to end together, so each
 * in turn gets less of the most milliseconds there are, a tenth less at most.
 */
int64_t		 connection_age_of(int64_t most, unsigned n_made);

void		*connection_owner(const struct connection *);
struct connection_place *connection_place(struct connection *);

/* Lends it; it must be idle. */
void		 connection_occupy(struct connection *);

/*
 * Ends its use.  It becomes useless after ms milliseconds without a user, or
 * after as long as the upstream announced to keep it, or when it is too old.
 */
void		 connection_leave(struct connection *, int64_t ms);

/*
 * Whether that time is over.  While the machine slept no timer ran, but the
 * upstream may have closed it.
 */
bool		 connection_is_stale(const struct connection *);

/* Whether it has no user. */
bool		 connection_is_idle(const struct connection *);

/* Nanoseconds without a user, up to now or up to its present user. */
int64_t		 connection_unused_ns(const struct connection *);

/*
 * Whether it carried an exchange, and then the upstream ended it without a
 * word.
 */
bool		 connection_was_dropped(const struct connection *);

/* Whether nothing came on it that was not noticed yet; a system call. */
bool		 connection_is_quiet(struct connection *);

/* Whether another exchange could follow, by its state and age. */
bool		 connection_is_reusable(const struct connection *);

/*
 * Closes it in any state; if a message was cut off, without a word to the
 * upstream.  It is freed at the end of the turn.
 */
void		 connection_close(struct connection *);
bool		 connection_is_closed(const struct connection *);

#endif
