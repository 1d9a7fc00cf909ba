/*
 * Bytes in and out of a connected socket, plain or as TLS records; private to
 * net/. It knows neither loop nor owner: the link that embeds it decides when
 * to read and write, and watches the descriptor.
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
	int error;			/* errno of PIPE_RESET or PIPE_BROKEN */
	uint64_t received;		/* bytes, with TLS */
	uint64_t written;		/* bytes, without TLS */
};

/*
 * For every so many bytes received, one more message of TLS itself is allowed
 * beyond the limit in tls_bio.h; more are PIPE_GARBLED.
 */
#define PIPE_BYTES_PER_MESSAGE	65536

/* The result of reading or writing, which says what to do next. */
enum pipe_state {
	PIPE_MORE,		/* go on at once */
	PIPE_WAIT,		/* go on when the descriptor is ready */
	PIPE_ENDED,		/* FIN without TLS, close_notify with it */
	PIPE_CUT,		/* FIN within TLS */
	PIPE_RESET,		/* ECONNRESET, EPIPE, both directions gone */
	PIPE_BROKEN,		/* another errno */
	PIPE_GARBLED,		/* a TLS alert or a broken record */
};

/*
 * Takes the SSL of a finished handshake, or NULL.  fd is non-blocking and
 * stays the caller's.  Where the SSL is to live on, the pipe is forgotten
 * without pipe_release().
 */
void		 pipe_init(struct pipe *, int fd, SSL *);
void		 pipe_release(struct pipe *);

/*
 * The number of reads that pipe_read() may make from the socket in all; with 0
 * it hands out what TLS has read ahead.  Without TLS each call reads once,
 * whatever was allowed.
 */
void		 pipe_allow_reads(struct pipe *, int);

/*
 * Fills into, which has room for at least a TLS record, with the bytes that
 * have come: *n of them, whatever the state is.
 */
enum pipe_state	 pipe_read(struct pipe *, uint8_t *into, size_t size,
		    size_t *n);

/* TLS has read ahead, perhaps the end. */
bool		 pipe_holds_input(const struct pipe *);

/*
 * PIPE_WAIT: neither bytes nor an end has come; a system call.  Messages of TLS
 * itself do not count; they are read, after which there may be more to send and
 * to hand out.
 */
enum pipe_state	 pipe_look(struct pipe *);

/* Takes *n of the bytes; never PIPE_ENDED or PIPE_CUT. */
enum pipe_state	 pipe_write(struct pipe *, struct text, size_t *n);

/* Sends bytes that were taken and still wait here; PIPE_MORE: all of them. */
enum pipe_state	 pipe_flush(struct pipe *);

/*
 * The number of bytes that wait here for the socket, which must be watched
 * then: TLS makes whole records, and answers to its own messages.
 */
size_t		 pipe_pending(const struct pipe *);

/*
 * Bytes that were written and still lie in the socket, as far as the system
 * tells; 0 with TLS.
 */
uint64_t	 pipe_unsent(const struct pipe *);

/*
 * All bytes written to the wire, those of TLS included; and how many of them
 * the other side's system has acknowledged (TCP only), by a system call.
 */
uint64_t	 pipe_written(const struct pipe *);
uint64_t	 pipe_arrived(const struct pipe *);

/* Both directions have ended, or an error waits. */
bool		 pipe_is_gone(const struct pipe *);

/* The reason of PIPE_RESET, PIPE_BROKEN or PIPE_GARBLED, one line. */
void		 pipe_complaint(const struct pipe *, char *why,
		    size_t why_size);

/*
 * Ends TLS by close_notify.  Returns the bytes that the socket did not take,
 * which the caller takes over; NULL: none.
 */
struct buf	*pipe_finish(struct pipe *);

/* Ends without close_notify; the TLS session can still be resumed. */
void		 pipe_abandon(struct pipe *);

#endif
