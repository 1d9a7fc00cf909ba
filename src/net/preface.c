/*
 * Words before TLS; see preface.h.  Called by dial.c.
 */
#include "net/preface.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "net/pipe.h"

struct speech {
	struct loop *loop;
	const struct preface *words;
	void *state;			/* of the words; NULL: not begun */
	struct pipe pipe;		/* borrowed: never released */
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
lose(struct speech *s)
{
	pipe_complaint(&s->pipe, s->why, sizeof(s->why));
	finish(s, PREFACE_END_LOST);
}

static void
lose_early(struct speech *s)
{
	(void)snprintf(s->why, sizeof(s->why), "%s",
	    "connection closed before it answered");
	finish(s, PREFACE_END_LOST);
}

static void speech_on_event(evutil_socket_t, short, void *);

static void
watch(struct speech *s, short what)
{
	if (s->event != NULL)
		event_free(s->event);
	s->event = event_new(loop_base(s->loop), s->pipe.fd,
	    (short)(what | EV_PERSIST), speech_on_event, s);
	if (s->event == NULL)
		abort();
	event_add(s->event, NULL);
}

/* False: that was all. */
static bool
take(struct speech *s, const uint8_t *p, size_t n)
{
	switch (s->words->input(s->state, p, n, s->why, sizeof(s->why))) {
	case PREFACE_MORE:
		return true;
	case PREFACE_DONE:
		finish(s, PREFACE_END_DONE);
		break;
	case PREFACE_REFUSED:
		finish(s, PREFACE_END_REFUSED);
		break;
	}
	return false;
}

static void
hear_end(struct speech *s, enum pipe_state state)
{
	switch (state) {
	case PIPE_MORE:
	case PIPE_WAIT:
		break;
	case PIPE_ENDED:
	case PIPE_CUT:
		lose_early(s);
		break;
	case PIPE_RESET:
	case PIPE_BROKEN:
	case PIPE_GARBLED:
		lose(s);
		break;
	}
}

/*
 * One read for each event: who sends without end must not hold the loop.  With
 * none, what TLS has read ahead.
 */
static void
hear(struct speech *s, int reads)
{
	uint8_t *p = loop_scratch(s->loop);
	enum pipe_state state;
	bool more = true;
	size_t n;

	if (reads == 0 && !pipe_holds_input(&s->pipe))
		return;
	pipe_allow_reads(&s->pipe, reads);
	do {
		state = pipe_read(&s->pipe, p, LOOP_SCRATCH, &n);
		if (n != 0)
			more = take(s, p, n);
		/* It may be what was said. */
		explicit_bzero(p, n);
	} while (more && state == PIPE_MORE);
	if (more)
		hear_end(s, state);
	/* TLS may have to answer by itself. */
	if (pipe_pending(&s->pipe) != 0)
		(void)pipe_flush(&s->pipe);
}

/* TLS may hold what was said, or an answer that came with its handshake. */
static void
say(struct speech *s)
{
	enum pipe_state state = pipe_flush(&s->pipe);
	size_t n;

	while (state == PIPE_MORE && buf_len(&s->out) != 0) {
		state = pipe_write(&s->pipe, buf_text(&s->out), &n);
		buf_consume_wipe(&s->out, n);
	}
	switch (state) {
	case PIPE_MORE:
		watch(s, EV_READ);
		hear(s, 0);
		break;
	case PIPE_WAIT:
		watch(s, EV_WRITE);
		break;
	case PIPE_ENDED:
	case PIPE_CUT:
	case PIPE_RESET:
	case PIPE_BROKEN:
	case PIPE_GARBLED:
		lose(s);
		break;
	}
}

static void
speech_on_event(evutil_socket_t fd, short what, void *owner)
{
	struct speech *s = owner;

	(void)fd;
	if ((what & EV_WRITE) != 0)
		say(s);
	else
		hear(s, 1);
}

struct speech *
preface_start(struct loop *loop, const struct preface *words, int fd,
    SSL *ssl, preface_done *done, void *owner)
{
	struct speech *s = xcalloc(1, sizeof(*s));

	s->loop = loop;
	s->words = words;
	pipe_init(&s->pipe, fd, ssl);
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
