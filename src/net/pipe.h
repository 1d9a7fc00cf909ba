/*
 * Bytes in and out of a connected socket, as they are or as TLS records, of
 * net/ only.  Knows neither loop nor owner: the link that embeds it says when
 * to read and to write, and watches the descriptor.
 */
#ifndef NET_PIPE_H
#define NET_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/text.h"

typedef struct ssl_st SSL;
typedef struct bio_st BIO;

struct pipe {
	SSL *ssl;			/* NULL: plain */
	BIO *bio;			/* below it */
	int fd;
	uint64_t received;		/* bytes, by TLS */
	uint64_t written;		/* bytes, without TLS */
};

/*
 * For every so many bytes received one more message of TLS itself may come
 * than tls_bio.h says; more are PIPE_GARBLED.
 */
#define PIPE_BYTES_PER_MESSAGE	65536

/* What came of reading or writing, and so what is next. */
enum pipe_state {
	PIPE_MORE,		/* go on at once */
	PIPE_WAIT,		/* when the descriptor is ready */
	PIPE_ENDED,		/* FIN without TLS, close_notify with it */
	PIPE_CUT,		/* FIN within TLS */
	PIPE_RESET,		/* ECONNRESET, EPIPE, both directions gone */
	PIPE_BROKEN,		/* another errno */
	PIPE_GARBLED,		/* a TLS alert or a broken record */
};

/*
 * Takes the SSL of a finished handshake, or NULL.  fd is non-blocking and
 * stays the caller's.
 */
void		 pipe_init(struct pipe *, int fd, SSL *);
void		 pipe_release(struct pipe *);

/*
 * How often pipe_read() may read from the socket in all; with none it hands
 * out what TLS has read ahead.  Without TLS each call reads once, whatever was
 * allowed.
 */
void		 pipe_allow_reads(struct pipe *, int);

/*
 * Fills into, which has room for a TLS record at least, as far as bytes are
 * there: *n of them, whatever the state is.
 */
enum pipe_state	 pipe_read(struct pipe *, uint8_t *into, size_t size,
		    size_t *n);

/* TLS has read ahead, perhaps the end. */
bool		 pipe_holds_input(const struct pipe *);

/*
 * PIPE_WAIT: neither bytes nor an end has come; a system call.  What TLS needs
 * for itself does not count; it is read, and there may be more to send and to
 * hand out.
 */
enum pipe_state	 pipe_look(struct pipe *);

/* Takes *n of the bytes; never PIPE_ENDED or PIPE_CUT. */
enum pipe_state	 pipe_write(struct pipe *, struct text, size_t *n);

/* Sends what was taken and still waits here; PIPE_MORE: all of it. */
enum pipe_state	 pipe_flush(struct pipe *);

/*
 * What waits here for the socket, which must be watched then: TLS makes whole
 * records, and answers to its own messages.
 */
size_t		 pipe_pending(const struct pipe *);

/*
 * How much of what was written lies in the socket, as far as the system
 * tells; 0 with TLS.
 */
uint64_t	 pipe_unsent(const struct pipe *);

/*
 * Bytes for the wire, those of TLS included, that were ever written; and how
 * many of them the other side's system has said it has (TCP only), by a
 * system call.
 */
uint64_t	 pipe_written(const struct pipe *);
uint64_t	 pipe_arrived(const struct pipe *);

/* Both directions have ended, or an error waits. */
bool		 pipe_is_gone(const struct pipe *);

/* Of PIPE_GARBLED: what is wrong, one line. */
void		 pipe_complaint(const struct pipe *, char *why,
		    size_t why_size);

/*
 * The end of TLS, by close_notify.  What the socket did not take, to be taken
 * over by the caller; NULL: nothing.
 */
struct buf	*pipe_finish(struct pipe *);

/* The end without a word; the TLS session stays as good as before. */
void		 pipe_abandon(struct pipe *);

#endif
