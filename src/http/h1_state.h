/*
 * The state of an HTTP/1.1 codec and the states of its two halves: of the
 * message received (enum h1_recv, h1_receive.h) and of the message sent (enum
 * h1_send, h1_send.h).  As server a stream begins with a request head and is
 * over when the response was sent; as client it begins with codec_open() and is
 * over when the response was received.  The link goes on to the next stream
 * only if both halves reached their end and neither side said "close".  Private
 * to the HTTP/1.1 codec.
 */
#ifndef HTTP_H1_STATE_H
#define HTTP_H1_STATE_H

#include "base/buf.h"
#include "http/codec.h"
#include "http/codec_ops.h"
#include "http/h1_parse.h"
#include "http/h1_sent.h"
#include "http/h1_write.h"

/* What the link should bring next. */
enum h1_recv {
	RECV_HEAD,
	RECV_LENGTH,		/* left bytes of body */
	RECV_CHUNK_LINE,
	RECV_CHUNK_DATA,	/* left bytes of the chunk */
	RECV_CHUNK_END,		/* the CRLF behind them */
	RECV_TRAILERS,
	RECV_UNTIL_CLOSE,
	RECV_DONE,		/* server: the response is still to come */
	RECV_CLOSED,		/* no more input */
};

enum h1_send {
	SEND_HEAD,
	SEND_BODY,
	SEND_DONE,
};

/* A struct codec * of ours points to its first member. */
struct h1 {
	struct codec codec;
	const struct codec_shared *shared;
	const struct codec_events *events;
	void *owner;
	const struct stream_events *on;	/* of the stream; NULL: it has no
					   owner */
	void *stream_owner;
	struct buf in;		/* not usable yet */
	struct buf out;
	struct h1_sent sent;	/* which stream the parts of out belong to */
	uint32_t head_unsent;	/* client: as far as out holds heads */
	uint32_t secret;	/* as far as out may hold sensitive ones */
	struct h1_scan scan;
	char *complaint;	/* see codec.h; or NULL */
	uint64_t left;		/* see enum h1_recv */
	uint64_t send_left;	/* of H1_BODY_LENGTH */
	uint64_t credit;
	stream_id stream;	/* the open one, or the last */
	unsigned interim;	/* received for this stream */
	enum codec_role role;
	enum h1_recv recv;
	enum h1_send send;
	enum h1_body body;	/* how the end of the sent body is told */
	uint8_t version;	/* of the request received */
	bool open;		/* the stream may be sent on */
	bool head_only;		/* the request is HEAD */
	bool persist;		/* another stream may follow */
	bool crlf;		/* one empty line was skipped */
	bool fresh;		/* in may hold a head that was not tried yet */
	bool full;		/* the room event is owed */
	/* Bits, so that an idle client costs an allocator's step less. */
	bool eof : 1, eof_clean : 1;
	bool draining : 1;
	bool broken : 1;
};

/* The stream is the one that may be sent on. */
static inline bool
h1_is_current(const struct h1 *c, stream_id stream)
{
	return c->open && stream == c->stream;
}

static inline bool
h1_has_room(const struct h1 *c)
{
	return buf_len(&c->out) < c->shared->limits->room;
}

/* Begins the next stream, with no owner and nothing said on it yet. */
void	h1_begin_stream(struct h1 *);

/* Notes the output from byte number before on as the stream's. */
void	h1_note_frame(struct h1 *, size_t before);

/* Server: both halves of the stream are done, or never will be. */
void	h1_end_stream(struct h1 *);

/* Nothing follows on the stream. */
void	h1_note_end(struct h1 *);

/* The message that is being sent ends here, and must not look complete. */
void	h1_stop_sending(struct h1 *);

/* Drops the output and overwrites it. */
void	h1_wipe_output(struct h1 *);

#endif
