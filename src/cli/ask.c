/*
 * One request to the daemon; see ask.h.  The socket is connected in blocking
 * mode with a time limit, then polled.
 */
#include "cli/ask.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/blocks.h"
#include "base/clock.h"
#include "http/codec.h"

#define CONNECT_S	5
#define BLOCK		(64 * 1024)

struct asking {
	const struct ask *ask;
	struct ask_answer *answer;
	struct codec *codec;
	int fd;
	int64_t until_ns;
	bool unsent;		/* it takes no more; there may be an answer */
	bool ended;		/* the answer is complete */
	char *why;		/* it never will be */
};

/* The first reason counts. */
static void
fail(struct asking *a, char *why)
{
	if (a->why == NULL)
		a->why = why;
	else
		free(why);
}

/* -- the answer -- */

static void
ask_on_head(void *owner, const struct head *h, bool end)
{
	struct asking *a = owner;

	if (h->kind == HEAD_RESPONSE)
		a->answer->status = h->status;
	a->ended = end;
}

static void
ask_on_body(void *owner, const uint8_t *p, size_t n, bool end)
{
	struct asking *a = owner;

	buf_append(&a->answer->body, p, n);
	if (buf_len(&a->answer->body) > ASK_MAX)
		fail(a, xasprintf("sent more than %zu bytes", ASK_MAX));
	a->ended = end;
}

static void
ask_on_reset(void *owner, enum codec_error error)
{
	struct asking *a = owner;
	const char *complaint = codec_complaint(a->codec);

	if (error == CODEC_TRUNCATED)
		fail(a, xstrdup("ended the connection before its answer was "
		    "complete"));
	else
		fail(a, xasprintf("sent no HTTP that can be understood%s%s",
		    complaint != NULL ? ": " : "",
		    complaint != NULL ? complaint : ""));
}

static const struct stream_events events = {
	.head = ask_on_head,
	.body = ask_on_body,
	.reset = ask_on_reset,
};

/* -- bytes -- */

static void
send_some(struct asking *a)
{
	struct text out = codec_output(a->codec);
	ssize_t n = send(a->fd, out.p, out.n, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n >= 0)
		codec_output_done(a->codec, (size_t)n);
	else if (errno != EAGAIN && errno != EINTR)
		a->unsent = true;
}

static void
receive_some(struct asking *a)
{
	uint8_t bytes[16 * 1024];
	ssize_t n = recv(a->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n > 0)
		codec_input(a->codec, bytes, (size_t)n);
	else if (n == 0)
		codec_input_eof(a->codec, true);
	else if (errno != EAGAIN && errno != EINTR)
		fail(a, xasprintf("broke the connection off: %m"));
}

/* The events that have come; 0 after a signal, or at the end of the time. */
static short
wait_for(struct asking *a, short events_wanted)
{
	struct pollfd p = { .fd = a->fd, .events = events_wanted };
	int64_t left = (a->until_ns - clock_monotonic()) / NS_PER_MS;

	if (left <= 0) {
		fail(a, xasprintf("did not answer within %" PRId64 " s",
		    a->ask->limit_ms / 1000));
		return 0;
	}
	return poll(&p, 1, left < INT32_MAX ? (int)left : INT32_MAX) == 1 ?
	    p.revents : 0;
}

static void
talk(struct asking *a)
{
	while (!a->ended && a->why == NULL) {
		bool more = !a->unsent && codec_output(a->codec).n != 0;
		short got = wait_for(a, (short)(POLLIN |
		    (more ? POLLOUT : 0)));

		if (more && (got & POLLOUT) != 0)
			send_some(a);
		if ((got & (POLLIN | POLLHUP | POLLERR)) != 0)
			receive_some(a);
	}
}

static void
put_request(struct asking *a, stream_id stream)
{
	const struct ask *ask = a->ask;
	struct head h = {
		.kind = HEAD_REQUEST,
		.version = 11,
		.method = text_of(ask->method),
		.target = text_of(ask->target),
		.authority = text_of(ask->host),
		.framing = strcmp(ask->method, "GET") == 0 ? BODY_NONE :
		    BODY_LENGTH,
	};

	codec_send_head(a->codec, stream, &h, true);
	codec_credit(a->codec, stream, ASK_MAX + 1);
}

static void
exchange(struct asking *a)
{
	struct blocks *blocks = blocks_new(BLOCK, 1);
	struct fields scratch = { .n = 0 };
	const struct codec_shared shared = {
		.limits = &codec_limits_default,
		.blocks = blocks,
		.scratch = &scratch,
	};

	a->codec = h1_codec_new(CODEC_CLIENT, &shared, NULL, NULL);
	put_request(a, codec_open(a->codec, &events, a));
	talk(a);
	codec_free(a->codec);
	fields_release(&scratch);
	blocks_free(blocks);
}

/* A connected socket, or -1 with errno. */
static int
connect_to(const struct addr *to)
{
	const struct timeval limit = { .tv_sec = CONNECT_S };
	int fd = socket(to->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int r, saved;

	if (fd == -1)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	/* After a signal it goes on where it was. */
	do {
		r = connect(fd, &to->sa, to->len);
	} while (r == -1 && errno == EINTR);
	if (r == 0)
		return fd;
	saved = errno == EINPROGRESS || errno == EAGAIN ? ETIMEDOUT : errno;
	(void)close(fd);
	errno = saved;
	return -1;
}

enum ask_result
ask_daemon(const struct ask *ask, struct ask_answer *answer, char **why)
{
	struct asking a = { .ask = ask, .answer = answer };

	*answer = (struct ask_answer){ .status = 0 };
	buf_init(&answer->body, NULL);
	*why = NULL;
	a.fd = connect_to(ask->to);
	if (a.fd == -1)
		return ASK_NOT_CONNECTED;
	a.until_ns = clock_monotonic() + ask->limit_ms * NS_PER_MS;
	exchange(&a);
	(void)close(a.fd);
	*why = a.why;
	return a.why == NULL ? ASK_ANSWERED : ASK_BROKEN;
}

void
ask_answer_free(struct ask_answer *answer)
{
	buf_release(&answer->body);
}
