/*
 * A link is a byte pipe: TCP, a Unix socket, or TLS over either.  It reads
 * into the loop's scratch memory and hands the bytes over; it holds no input.
 * Output is pulled from the owner at the end of the turn, so all of it leaves
 * in one write; with TLS, one for each record of 16 KiB, without a copy.
 */
#ifndef NET_LINK_H
#define NET_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/text.h"
#include "net/loop.h"

struct link;
typedef struct ssl_st SSL;

enum link_error {
	LINK_OK,
	LINK_RESET,		/* ECONNRESET, EPIPE, both directions gone */
	LINK_SYSTEM,		/* another errno */
	LINK_TLS,		/* a TLS alert or a broken record */
};

/*
 * Called from the loop only, never from within a call of link_*().  The
 * handler may call anything, link_close() too.
 */
struct link_events {
	/* n > 0 bytes, valid during the call; only while input is wanted. */
	void		(*input)(void *owner, const uint8_t *, size_t n);

	/*
	 * No more input will come; called once, while input is wanted.  clean:
	 * TCP FIN without TLS, close_notify with it.  The other direction may
	 * still be open.
	 */
	void		(*eof)(void *owner, bool clean);

	/*
	 * The link is dead in both directions; link_close() it.  Where sending
	 * failed and input is wanted, bytes that had come before are handed
	 * over first.
	 */
	void		(*error)(void *owner, enum link_error);

	/*
	 * End of turn: returns the bytes to write now; n == 0: none, and it is
	 * not called again before the next link_wake().
	 */
	struct text	(*output)(void *owner);

	/* n of these bytes were accepted; 0: none, the link is blocked now. */
	void		(*output_done)(void *owner, size_t n);
};

/* Takes the descriptor, non-blocking.  Reading is off at first. */
struct link	*link_new(struct loop *, int fd, const struct link_events *,
		    void *owner);

/* The same for a finished TLS handshake; takes the SSL and its fd. */
struct link	*link_new_tls(struct loop *, SSL *, int fd,
		    const struct link_events *, void *owner);

/* Reading on or off; a link that does not read still notices errors. */
void		 link_want_input(struct link *, bool);

/*
 * There is output: at the end of this turn output() is called until it has none
 * or the link is blocked; and again when it no longer is.
 */
void		 link_wake(struct link *);

/*
 * No bytes and no end have come that were not handed over.  A system call, for
 * callers that cannot wait for the loop to notice.  Findings are reported to
 * the owner later, but link_tls_failure() knows them at once.
 */
bool		 link_is_quiet(struct link *);

/* The link takes no more at the moment. */
bool		 link_is_blocked(const struct link *);

/*
 * Frees the link at the end of the turn and clears *link; no event comes
 * after the call.
 */
enum link_end {
	/*
	 * close(), after close_notify with TLS.  Bytes written before still go
	 * out.
	 */
	LINK_END_NOW,
	/*
	 * Send the end, then read and drop further input for a while, so that
	 * the answer is not lost to a reset (RFC 9112 section 9.6).
	 */
	LINK_END_LINGER,
	/* Reset with TCP, no close_notify: nothing looks complete. */
	LINK_END_ABORT,
};
void		 link_close(struct link **, enum link_end);

/* TLS has failed: why is the reason, one line.  False: it has not. */
bool		 link_tls_failure(const struct link *, char *why,
		    size_t why_size);

/*
 * gone is called when the descriptor is closed, which may be long after
 * link_close(): for owners that count descriptors.  Such a link may linger for
 * 30 s while the other side sends, 5 s while it is silent; one that nobody
 * counts, 2 s.
 */
void		 link_on_gone(struct link *, void (*gone)(void *owner),
		    void *owner);

int		 link_fd(const struct link *);

/* Bytes accepted for sending since the link was made. */
uint64_t	 link_sent(const struct link *);

/*
 * Accepted bytes that still lie in this system, as far as it tells: the peer
 * takes many at a time, so a link that is blocked for a long time may still
 * have a reader.  An estimate on a Unix socket; 0 with TLS.
 */
uint64_t	 link_waiting(const struct link *);

/*
 * Bytes for the wire, those of TLS included, since the link was made; and how
 * many of them have arrived, as far as the other side's system has
 * acknowledged, by a system call.  An answer to a byte also acknowledges it:
 * input that comes while nothing of a request was acknowledged is no answer to
 * it.  TCP only.
 */
uint64_t	 link_written(const struct link *);
uint64_t	 link_arrived(const struct link *);

#endif
