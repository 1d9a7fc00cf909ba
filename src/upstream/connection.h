/*
 * One connection to an upstream, of one key: the link, the codec, and who uses
 * it just then.  The pool makes, lends and closes it; transfer uses it, and
 * has the deadlines of what it does with it: the connection's own is that of
 * being idle.
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
 * A user has it for one exchange.  It opens a stream of the codec, whose
 * events are its own; where the connection is of no more use, they tell first
 * what became of the stream.
 */

struct codec	*connection_codec(struct connection *);

/* It carried an exchange before this user's. */
bool		 connection_was_used(const struct connection *);

/* Some byte came since the user has it. */
bool		 connection_has_heard(const struct connection *);

#define CONNECTION_TLS_FAILURE	100

/*
 * It ended because TLS failed, by the upstream's alert perhaps: how, one line.
 * False: not so.
 */
bool		 connection_tls_failure(const struct connection *, char *why,
		    size_t why_size);

/*
 * It came before any byte of the user's could have arrived, so it answers
 * nothing that the user said.
 */
bool		 connection_heard_early(const struct connection *);

/* All that the user gave to the codec has arrived; a system call. */
bool		 connection_has_arrived(const struct connection *);

/* Nobody shall use it after this user. */
void		 connection_spoil(struct connection *);

/* The head of a response came: how long the upstream keeps the connection. */
void		 connection_note_response(struct connection *,
		    const struct head *);

/* The user called something of the codec: go on at the end of the turn. */
void		 connection_wake(struct connection *);

/* -- for the pool -- */

struct connection_owner {
	struct loop *loop;
	const struct codec_shared *codec;
	void *owner;

	/* It is of no more use, and why: connection_close() it. */
	void (*useless)(void *owner, struct connection *, const char *why);
};

/* Its place in a list of the pool's. */
struct connection_place {
	struct connection_place *next, **prev;
	struct connection *connection;
};

/*
 * Of a finished handshake; takes the SSL and its fd.  Nobody uses it, and
 * nobody shall begin to after max_age milliseconds.
 */
struct connection *connection_new(const struct connection_owner *, SSL *,
		    int fd, int64_t max_age);

void		*connection_owner(const struct connection *);
struct connection_place *connection_place(struct connection *);

/* Lends it; it must be idle. */
void		 connection_occupy(struct connection *);

/*
 * Nobody's any more, and useless when it was so for ms milliseconds, or for as
 * long as the upstream said that it keeps it, or when it is too old.
 */
void		 connection_leave(struct connection *, int64_t ms);

/*
 * That has come to pass.  Where the machine slept meanwhile we are not told
 * so: no timer ran, but others have forgotten it.
 */
bool		 connection_is_stale(const struct connection *);

/* Nobody uses it. */
bool		 connection_is_idle(const struct connection *);

/* Nanoseconds for which nobody did, up to now or to its user. */
int64_t		 connection_unused_ns(const struct connection *);

/* It carried an exchange, and then the upstream ended it without a word. */
bool		 connection_was_dropped(const struct connection *);

/* Nothing came on it that was not noticed yet; a system call. */
bool		 connection_is_quiet(struct connection *);

/* Another exchange could follow, as far as it and its age go. */
bool		 connection_is_reusable(const struct connection *);

/*
 * Ends it whatever its state, without a word to the upstream where a message
 * was cut.  It is freed at the end of the turn.
 */
void		 connection_close(struct connection *);
bool		 connection_is_closed(const struct connection *);

#endif
