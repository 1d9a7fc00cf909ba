/*
 * The one interface to a protocol, for HTTP/1.1 and HTTP/2, as server (we
 * answer) and as client (we ask).
 *
 * A codec turns bytes into events and calls into bytes.  It owns no socket and
 * no timer.  The owner of the codec reads bytes and feeds codec_input(), and
 * writes the bytes of codec_output().
 *
 * Events go to the owner of the stream, except those that begin a stream, which
 * go to the owner of the codec.  They are emitted by codec_input() and
 * codec_input_eof() only, never by another call; so an event handler may call
 * any operation but these two and codec_free().  After any call that could let
 * events proceed (credit, send, reset, output_done) the owner of the codec
 * calls codec_input(codec, NULL, 0) when codec_has_events() says so, at the end
 * of its turn.
 *
 * Back-pressure is credit: the codec emits no more body of a stream than it was
 * given credit for, 0 at first.  codec_input() takes all bytes it is given.
 * The codec keeps those it may not emit yet, and codec_wants_input() says
 * whether more should be read: HTTP/2 makes WINDOW_UPDATEs of credit, HTTP/1.1
 * stops reading.
 */
#ifndef HTTP_CODEC_H
#define HTTP_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/blocks.h"
#include "base/buf.h"
#include "base/text.h"
#include "http/head.h"

struct codec;

/* One request/response lane.  HTTP/1.1 counts its exchanges 1, 2, ... */
typedef uint32_t stream_id;
#define STREAM_NONE 0

enum codec_role { CODEC_SERVER, CODEC_CLIENT };

/* Why a stream ended badly. */
enum codec_error {
	CODEC_OK,
	CODEC_BAD_MESSAGE,	/* not strictly valid HTTP */
	CODEC_HEAD_TOO_LARGE,
	CODEC_TARGET_TOO_LONG,
	CODEC_TOO_MANY_INTERIM,	/* interim responses without a final one */
	CODEC_TRUNCATED,	/* the link ended within a message */
	CODEC_UNEXPECTED,	/* a response before all of the request's head
				   was written */
	CODEC_REFUSED,		/* not processed: safe to send again */
	CODEC_CANCELLED,	/* reset by the other side */
};

/* Limits, in bytes unless said otherwise. */
struct codec_limits {
	size_t head;		/* start line and fields together */
	size_t target;
	unsigned fields;	/* their number, also that of trailers */
	size_t trailers;
	unsigned interim;	/* interim responses per exchange */
	size_t room;		/* with so much unsent output codec_room() is 0;
				   with a sixteenth of it a server begins no
				   request */
};

extern const struct codec_limits codec_limits_default;

/*
 * What a stream tells its owner.  end: the message is complete with this event.
 * Heads and data are valid during the call only, and a head only until another
 * codec of the same codec_shared is fed.
 */
struct stream_events {
	/*
	 * Client: a response's head, an interim one's, trailers.  Server:
	 * trailers.  Trailers come as HEAD_TRAILERS with end set.
	 */
	void	(*head)(void *owner, const struct head *, bool end);

	/* Body bytes; n may be 0 where the event only tells the end. */
	void	(*body)(void *owner, const uint8_t *, size_t n, bool end);

	/* codec_room() was 0 and is no longer.  NULL where nothing is sent. */
	void	(*room)(void *owner);

	/*
	 * Bytes of the stream have left by codec_output_done(), n of them of
	 * its body.  Server: n is not 0.  Client: n is 0 where only a head has
	 * left, and more of the request is to come.  NULL: the owner does not
	 * count.
	 */
	void	(*sent)(void *owner, size_t n);

	/*
	 * Server: all that was sent on the stream has left, and it is over;
	 * after codec_reset(), too.  The last event of a stream.  It does not
	 * come if the codec is freed or CODEC_BROKEN before.
	 */
	void	(*closed)(void *owner);

	/*
	 * The other side ended the stream badly.  A server that has sent no
	 * response head on it yet can still send one within this call; the link
	 * must end then.
	 */
	void	(*reset)(void *owner, enum codec_error);
};

/* What a codec tells its owner. */
struct codec_events {
	/*
	 * Server: a stream begins with this head.  The codec's owner names the
	 * stream's owner by codec_own() within this call; a stream without an
	 * owner has no further event.
	 */
	void	(*request)(void *owner, stream_id, const struct head *,
		    bool end);

	/*
	 * Server: a head was refused, or cut off; read holds the parts of it
	 * that were read.  The stream can be owned and answered as that of a
	 * request; the link must end then.
	 *
	 * Method, target and version are set where they came whole and are
	 * valid; otherwise they are empty or 0.  The target is without the
	 * authority of an absolute one.  A target that is refused for its
	 * length is longer than limits.target, and may be only the beginning of
	 * the one that the client sent.  There are no fields.
	 */
	void	(*refused)(void *owner, stream_id, enum codec_error,
		    const struct head *read);
};

/*
 * Shared by all codecs of a worker.  scratch is the field list into which heads
 * are parsed.
 */
struct codec_shared {
	const struct codec_limits *limits;
	struct blocks *blocks;		/* for buffers */
	struct fields *scratch;
};

/* A client has events for its streams only: events and owner may be NULL. */
struct codec	*h1_codec_new(enum codec_role, const struct codec_shared *,
		    const struct codec_events *, void *owner);

/*
 * Without a codec: appends a whole response with n bytes of body, for a request
 * that is not read.  The link must end after it.
 */
void		 h1_answer_unread(struct buf *out, const struct head *,
		    const uint8_t *body, size_t n);

/* NULL is fine.  Emits no event. */
void		 codec_free(struct codec *);

/*
 * Why a message was CODEC_BAD_MESSAGE: which part of it, and what is wrong
 * there, a text for people such as "the query holds a raw blank", without any
 * value; NULL where there is nothing to add.  Valid as long as the codec.
 */
const char	*codec_complaint(const struct codec *);

/*
 * Bytes from the link, in order; NULL and 0: go on with the bytes held.  At eof
 * the link has ended: a message cut by it is CODEC_TRUNCATED, unless framing is
 * BODY_UNTIL_CLOSE and clean (TCP FIN; TLS close_notify) is set.
 */
void		 codec_input(struct codec *, const uint8_t *, size_t n);
void		 codec_input_eof(struct codec *, bool clean);

/*
 * A codec_input(codec, NULL, 0) would emit an event, unless the bytes held
 * since the last stream ended turn out to be unfinished.  Never true when
 * codec_input() has just returned, so a loop over both terminates.
 */
bool		 codec_has_events(const struct codec *);

/* The owner should read from the link. */
bool		 codec_wants_input(const struct codec *);

/* The bytes to be written; n of them were written. */
struct text	 codec_output(struct codec *);
void		 codec_output_done(struct codec *, size_t n);

/*
 * Server: gives up on the request whose head is coming in.  Its stream can be
 * owned and answered, after which the link must end.  read gets the parts of
 * the head that were read, see refused(); they are valid until more is fed.
 * STREAM_NONE where no head is coming in.
 */
stream_id	 codec_refuse(struct codec *, struct head *read);

/*
 * Server: sets the owner of the stream that has just begun.  Events are
 * borrowed.
 */
void		 codec_own(struct codec *, stream_id,
		    const struct stream_events *, void *owner);

/*
 * Client: opens the next stream, for this owner; events are borrowed.
 * STREAM_NONE where none can be opened now.
 */
stream_id	 codec_open(struct codec *, const struct stream_events *,
		    void *owner);

/*
 * A head of any kind, written from its parts.  A field that is sensitive is
 * overwritten in memory when it has left.  The codec itself writes
 * Content-Length, Transfer-Encoding, Connection, and the Host of a request,
 * which is head.authority: those in the list are left out.  framing and length
 * say how the body is framed:
 *
 * BODY_NONE	nothing is said; a response that could have a body gets
 *  *		"Content-Length: 0".
 * BODY_LENGTH	Content-Length, also of 0.
 * BODY_STREAM, BODY_UNTIL_CLOSE	chunked; to an HTTP/1.0 client the end
 *  *		of the link.
 *
 * Server: a response to a HEAD request and a 304 pass the framing of the
 * response they stand for and send no body: body bytes are dropped.  A second
 * final head is ignored; an interim one that the client would not understand
 * (HTTP/1.0) is dropped.  HEAD_TRAILERS end the body, chunked or not; they
 * are sent only where the receiver can take them, and in responses only.
 * end: no body or trailers will follow.
 *
 * Calls about a stream that is over are ignored, here and below.
 */
void		 codec_send_head(struct codec *, stream_id,
		    const struct head *, bool end);

/*
 * Body bytes, copied.  May be called with more than codec_room() says, but
 * should not.  The sum should be the head's length: bytes beyond it are
 * dropped, and an end that comes too early is a codec_reset().
 */
void		 codec_send_body(struct codec *, stream_id, const uint8_t *,
		    size_t n, bool end);

/* The number of body bytes that can usefully be sent now. */
size_t		 codec_room(const struct codec *, stream_id);

/* The consumer has room for n more bytes of the stream's body. */
void		 codec_credit(struct codec *, stream_id, size_t n);

/*
 * Ends a stream now, and says why where the protocol has words for it.  No
 * event of it follows except, as server, sent() and closed() for bytes sent
 * before.  An unfinished message never looks complete.  HTTP/1.1: the link is
 * of no further use, see codec_state(), unless nothing was sent on the stream
 * since codec_open().
 */
enum codec_reason {
	CODEC_CANCEL,		/* the response is no longer needed */
	CODEC_INTERNAL,		/* the body cannot be obtained */
	CODEC_VIOLATION,	/* the other side broke the protocol */
};
void		 codec_reset(struct codec *, stream_id, enum codec_reason);

/*
 * Takes no further stream (server), or says so (HTTP/2 GOAWAY).  HTTP/1.1
 * server: the response to come, or the next, says "close"; if the head of a
 * response was already sent, one more follows.  HTTP/1.1 client: opens no
 * further stream.
 */
void		 codec_drain(struct codec *);

/*
 * The state of the link: another stream may begin (idle, reusable), one is
 * running or its head coming in, or the owner should end the link once the
 * output is written.
 *
 * The state is up to date within the event that ends a response: a client that
 * finds CODEC_IDLE there may open the next stream at once.  Bytes behind a
 * response make it CODEC_DONE, and so does a response that came before the end
 * of its request, in both roles.  Bytes that come where no stream runs are
 * dropped and make it CODEC_DONE too, without an event.
 */
enum codec_state {
	CODEC_IDLE,		/* between streams, reusable */
	CODEC_BUSY,
	CODEC_DONE,		/* write the output, then close */
	CODEC_BROKEN,		/* close so that nothing looks complete */
};
enum codec_state codec_state(const struct codec *);

/* The bytes of unfinished input held back; for bounds and tests. */
size_t		 codec_held(const struct codec *);

#endif
