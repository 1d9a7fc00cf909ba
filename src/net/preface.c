/*
 * Words before TLS; see preface.h.  Called by dial.c.
 */
#include "net/preface.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/alloc.h"

/* One read; what a proxy answers is shorter. */
#define PIECE	4096

struct speech {
	struct loop *loop;
	const struct preface *words;
	void *state;			/* of the words; NULL: not begun */
	int fd;
	struct buf out;			/* not sent yet */
	struct event *event;
	struct deferred finish;
	preface_done *done;
	void *owner;
	enum preface_end end;
	char why[200];
};

static void
speech_free(struct speech *s)
{
	if (s->event != NULL)
		event_free(s->event);
	if (s->state != NULL)
		s->words->end(s->state);
	buf_consume_wipe(&s->out, buf_len(&s->out));
	buf_release(&s->out);
	deferred_cancel(&s->finish);
	free(s);
}

static void
tell(void *owner)
{
	struct speech *s = owner;
	preface_done *done = s->done;
	void *done_owner = s->owner;
	enum preface_end end = s->end;
	char why[sizeof(s->why)];

	memcpy(why, s->why, sizeof(why));
	speech_free(s);
	done(done_owner, end, why);
}

/* Ends it at the end of the turn. */
static void
finish(struct speech *s, enum preface_end end)
{
	s->end = end;
	if (s->event != NULL)
		event_del(s->event);
	deferred_queue(s->loop, &s->finish);
}

static void
lose(struct speech *s, const char *why)
{
	(void)snprintf(s->why, sizeof(s->why), "%s", why);
	finish(s, PREFACE_END_LOST);
}

static void speech_on_event(evutil_socket_t, short, void *);

static void
watch(struct speech *s, short what)
{
	if (s->event != NULL)
		event_free(s->event);
	s->event = event_new(loop_base(s->loop), s->fd,
	    (short)(what | EV_PERSIST), speech_on_event, s);
	if (s->event == NULL)
		abort();
	event_add(s->event, NULL);
}

static void
say(struct speech *s)
{
	ssize_t n;

	do {
		n = send(s->fd, buf_data(&s->out), buf_len(&s->out),
		    MSG_NOSIGNAL);
	} while (n == -1 && errno == EINTR);
	if (n == -1 && errno != EAGAIN) {
		lose(s, strerror(errno));
		return;
	}
	if (n > 0)
		buf_consume_wipe(&s->out, (size_t)n);
	if (buf_len(&s->out) == 0)
		watch(s, EV_READ);
	else if (s->event == NULL)
		watch(s, EV_WRITE);
}

static void
take(struct speech *s, const uint8_t *p, size_t n)
{
	switch (s->words->input(s->state, p, n, s->why, sizeof(s->why))) {
	case PREFACE_MORE:
		break;
	case PREFACE_DONE:
		finish(s, PREFACE_END_DONE);
		break;
	case PREFACE_REFUSED:
		finish(s, PREFACE_END_REFUSED);
		break;
	}
}

/* One read for each event: who sends without end must not hold the loop. */
static void
hear(struct speech *s)
{
	uint8_t piece[PIECE];
	ssize_t n;

	do {
		n = recv(s->fd, piece, sizeof(piece), 0);
	} while (n == -1 && errno == EINTR);
	if (n > 0)
		take(s, piece, (size_t)n);
	else if (n == 0)
		lose(s, "connection closed before it answered");
	else if (errno != EAGAIN)
		lose(s, strerror(errno));
	/* It may be what was said. */
	explicit_bzero(piece, n > 0 ? (size_t)n : 0);
}

static void
speech_on_event(evutil_socket_t fd, short what, void *owner)
{
	struct speech *s = owner;

	(void)fd;
	if ((what & EV_WRITE) != 0)
		say(s);
	else
		hear(s);
}

struct speech *
preface_start(struct loop *loop, const struct preface *words, int fd,
    preface_done *done, void *owner)
{
	struct speech *s = xcalloc(1, sizeof(*s));

	s->loop = loop;
	s->words = words;
	s->fd = fd;
	s->done = done;
	s->owner = owner;
	buf_init(&s->out, NULL);
	deferred_init(&s->finish, LOOP_SOON, tell, s);
	s->state = words->begin(words->ctx, &s->out, s->why, sizeof(s->why));
	if (s->state == NULL)
		finish(s, PREFACE_END_REFUSED);
	else
		say(s);
	return s;
}

void
preface_cancel(struct speech *s)
{
	if (s != NULL)
		speech_free(s);
}
