/*
 * Servers of upstreams; see server.h.
 */
#include "server.h"

#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "clock.h"
#include "dice.h"
#include "history.h"
#include "message.h"
#include "oracle.h"
#include "request.h"
#include "setting.h"
#include "worker.h"

struct server {
	struct server *next;
	struct wire *wire;
	struct message reader;
	unsigned n_requests;
	uint64_t said;			/* bytes of all its answers so far */
	struct request *request;	/* the present one, or NULL */
	struct attempt *attempt;
	struct answer answer;
	bool lied;
	bool answering;			/* some of the answer is not sent yet */
	bool reading;			/* the request has not ended */
	size_t gulp;
	int64_t slowness, answers_at;
	int64_t keeps_ns;		/* how long it keeps an unused wire */
	bool over;
	struct errand act, leave;
};

static struct server *all;

/* -- reading -- */

static void
say_go_on(struct server *s)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";

	if (s->request->expects && !s->answer.early)
		(void)wire_write(s->wire, go_on, sizeof(go_on) - 1);
}

static void
on_head(void *owner, const struct message *m)
{
	struct server *s = owner;
	bool surplus = s->answer.surplus;

	must((!s->answering && !s->reading) || s->lied,
	    "wire %u: a request before the answer to the one before",
	    s->wire->number);
	s->request = oracle_on_request(s->wire, m);
	s->attempt = &s->request->attempts[s->request->n_attempts - 1];
	s->attempt->reused = s->n_requests != 0;
	s->attempt->before = s->said;
	s->n_requests++;
	buf_release(&s->answer.bytes);
	answer_plan(&s->answer, s->request, s->attempt,
	    s->request->n_attempts - 1, s->wire->key);
	/* Surplus bytes after an answer may spoil the next one. */
	s->attempt->after_lie = s->lied;
	s->attempt->honest &= !s->lied;
	s->lied |= !s->attempt->honest;
	s->answering = s->reading = true;
	s->answers_at = clock_now() + s->answer.delay_ns;
	errand_clear(&s->leave);
	/*
	 * Its answers would be taken for those to the requests behind, which
	 * nobody can tell from its words.
	 */
	if (surplus) {
		s->answering = false;
		errand_set(&s->leave, 0);
		return;
	}
	say_go_on(s);
}

static void
on_body(void *owner, struct text t)
{
	struct server *s = owner;

	must(body_is(body_of_request(s->request), s->attempt->body, t),
	    "request %u: its body is another one", s->request->number);
	s->attempt->body += t.n;
}

static void
on_end(void *owner)
{
	struct server *s = owner;

	s->reading = false;
	oracle_on_request_end(s->request, s->attempt);
	s->answers_at = clock_now() + s->answer.delay_ns;
}

static const struct message_events events = { on_head, on_body, on_end };

/* A deaf server stops reading when it begins to answer. */
static bool
can_hear(const struct server *s)
{
	return wire_readable(s->wire) != 0 && !(s->answer.deaf &&
	    s->answering && clock_now() >= s->answers_at);
}

static void
hear(struct server *s)
{
	struct text t;

	if (!can_hear(s))
		return;
	t = wire_read(s->wire, 1 + dice(s->gulp));
	/* A server that sends no more ignores further requests. */
	if (s->wire->peer_end != WIRE_OPEN && !s->reading)
		return;
	message_feed(&s->reader, t);
	must(s->reader.bad == NULL, "wire %u: a request that is not valid: %s",
	    s->wire->number, s->reader.bad);
}

/* -- answering -- */

static void
close_wire(struct server *s, enum wire_end how)
{
	s->over = true;
	errand_clear(&s->act);
	errand_clear(&s->leave);
	wire_close(s->wire, how);
}

/* The one that could be tried, if this one was refused. */
static void
note_next_key(struct server *s)
{
	struct request *r = s->request;
	const struct setting *of;

	if (r->client == NULL || !s->attempt->refuses_at_once)
		return;
	of = worker_facts(s->wire->worker)->setting;
	s->attempt->next_key = oracle_second_key(of, r->route,
	    s->attempt->value);
}

static void
answered(struct server *s)
{
	s->answering = false;
	s->said = s->wire->written;
	s->attempt->said_ns = clock_now();
	note_next_key(s);
	if (s->answer.ends && s->answer.half)
		wire_finish(s->wire, s->answer.how);
	else if (s->answer.ends)
		close_wire(s, s->answer.how);
	else if (s->answer.stop_at < buf_len(&s->answer.bytes))
		s->answering = true;
	else
		errand_set(&s->leave, s->keeps_ns);
}

static bool
may_answer(const struct server *s)
{
	return s->answering && (!s->reading || s->answer.early) &&
	    clock_now() >= s->answers_at;
}

static void
say(struct server *s)
{
	struct answer *a = &s->answer;
	size_t n;

	if (!may_answer(s))
		return;
	n = a->stop_at;
	if (n > 1 && dice_one_in(2))
		n = 1 + dice(n);
	s->attempt->early |= s->reading;
	if (s->attempt->decisions == 0)
		s->attempt->decisions = oracle_decisions();
	n = wire_write(s->wire, buf_data(&a->bytes), n);
	if (n != 0)
		buf_consume(&a->bytes, n);
	a->stop_at -= n;
	if (a->stop_at == 0)
		answered(s);
}

static bool
can_say(const struct server *s)
{
	return may_answer(s) && s->answer.stop_at != 0 &&
	    wire_room(s->wire) != 0;
}

static void
hear_end(struct server *s)
{
	if (wire_end(s->wire) == WIRE_OPEN)
		return;
	/* If the request was cut off, its message is incomplete. */
	close_wire(s, WIRE_CLEAN);
}

static void
act(void *owner)
{
	struct server *s = owner;

	hear(s);
	say(s);
	if (!s->over)
		hear_end(s);
	if (s->over)
		return;
	if (can_hear(s) || can_say(s))
		errand_set(&s->act, dice_between(0, s->slowness));
	else if (s->answering && clock_now() < s->answers_at)
		errand_set(&s->act, s->answers_at - clock_now());
}

static void
on_wake(void *peer)
{
	struct server *s = peer;

	if (!s->over)
		errand_set(&s->act, dice_between(0, s->slowness));
}

/* It closes an unused connection after some time, at times with a response. */
static void
on_leave(void *owner)
{
	static const char word[] = "HTTP/1.1 499 \r\nConnection: close\r\n"
	    "Content-Length: 0\r\n\r\n";
	struct server *s = owner;

	/* A close while more of the request comes may lose the answer. */
	if (s->reading)
		s->attempt->honest = false;
	if (dice_one_in(6))
		(void)wire_write(s->wire, word, sizeof(word) - 1);
	/* A reset would take away bytes under way. */
	close_wire(s, buf_len(&s->wire->in) == 0 && dice_one_in(4) ?
	    WIRE_RESET : WIRE_CLEAN);
}

static size_t
some_room(void)
{
	static const int64_t most[] = { 65536, 8192, 700, 60 };

	return 30 + (size_t)dice_between(0, most[dice(mood()->
	    rooms_are_small)]);
}

void
server_begin(struct wire *w)
{
	static const int64_t slowness[] = { 0, 100000, 1000000, 50000000 };
	static const unsigned weights[] = { 4, 4, 3, 1 };
	struct server *s = xcalloc(1, sizeof(*s));

	s->wire = w;
	w->wake = on_wake;
	w->peer = s;
	w->in_most = some_room();
	w->out_most = some_room();
	w->latent = dice_one_in(2);
	s->gulp = dice_one_in(3) ? 1 + dice(300) : 65536;
	s->slowness = slowness[dice_weighed(weights, 4)];
	s->keeps_ns = dice_between(0, dice_one_in(2) ? 3 * NS_PER_S :
	    60 * NS_PER_S);
	buf_init(&s->answer.bytes, NULL);
	message_begin(&s->reader, false, &events, s);
	errand_init(&s->act, act, s);
	errand_init(&s->leave, on_leave, s);
	s->next = all;
	all = s;
	/* Some servers send before they are asked. */
	if (dice_one_in(mood()->answers_lie * 20))
		errand_set(&s->leave, dice_between(0, 2 * NS_PER_MS));
}

void
servers_begin(void)
{
	all = NULL;
}

void
servers_end(void)
{
	struct server *s;

	while ((s = all) != NULL) {
		all = s->next;
		errand_clear(&s->act);
		errand_clear(&s->leave);
		message_release(&s->reader);
		buf_release(&s->answer.bytes);
		free(s);
	}
}
