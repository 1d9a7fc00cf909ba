/*
 * Proxies; see proxy.h.
 */
#include "proxy.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "clock.h"
#include "dice.h"
#include "fate.h"
#include "handshake.h"
#include "history.h"
#include "message.h"
#include "proxy_answer.h"
#include "setting.h"

struct proxy {
	struct proxy *next;
	struct wire *wire;
	struct message reader;
	struct proxy_answer answer;
	size_t said;			/* bytes of it */
	bool answering, over;
	size_t gulp;
	int64_t slowness, answers_at;
	struct errand act, rest;
};

static struct proxy *all;

static struct proxy *
proxy_of(const struct wire *w)
{
	struct proxy *p = all;

	while (p != NULL && p->wire != w)
		p = p->next;
	must(p != NULL, "wire %u: has no proxy", w->number);
	return p;
}

/* -- reading -- */

static void
on_head(void *owner, const struct message *m)
{
	struct proxy *p = owner;

	must(!p->answering || p->answer.delay_ns == 0,
	    "wire %u: its proxy is asked twice", p->wire->number);
	/* What it said unasked was its answer. */
	if (p->answering)
		return;
	proxy_answer_plan(&p->answer, buf_text(&m->head));
	p->answering = true;
	p->answers_at = clock_now() + p->answer.delay_ns;
}

static void
on_body(void *owner, struct text t)
{
	(void)owner;
	finding("a proxy is told %zu bytes behind its request", t.n);
}

static void
on_end(void *owner)
{
	(void)owner;
}

static const struct message_events events = { on_head, on_body, on_end };

static void
hear(struct proxy *p)
{
	if (wire_readable(p->wire) == 0)
		return;
	message_feed(&p->reader, wire_read(p->wire, 1 + dice(p->gulp)));
	must(p->reader.bad == NULL, "wire %u: its proxy is told what is not "
	    "valid: %s", p->wire->number, p->reader.bad);
}

/* -- answering -- */

static void
stop(struct proxy *p)
{
	p->over = true;
	errand_clear(&p->act);
	errand_clear(&p->rest);
}

/* What it does when it has said all. */
static void
on_rest(void *owner)
{
	static const char page[] = "<html>" PROXY_MARK "</html>";
	struct proxy *p = owner;

	if (p->answer.talks) {
		(void)wire_write(p->wire, page, sizeof(page) - 1);
		return;
	}
	stop(p);
	wire_close(p->wire, p->answer.how);
}

static bool
may_answer(const struct proxy *p)
{
	return p->answering && clock_now() >= p->answers_at;
}

static void
say(struct proxy *p)
{
	struct proxy_answer *a = &p->answer;
	size_t n = a->stop_at - p->said;

	if (!may_answer(p) || errand_is_set(&p->rest))
		return;
	if (n > 1 && dice_one_in(2))
		n = 1 + dice(n);
	if (n != 0)
		p->said += wire_write(p->wire, buf_data(&a->bytes) + p->said,
		    n);
	if (p->said == a->stop_at && (a->ends || a->talks))
		errand_set(&p->rest, a->rest_ns);
}

static bool
can_say(const struct proxy *p)
{
	return may_answer(p) && p->said < p->answer.stop_at &&
	    wire_room(p->wire) != 0;
}

static void
act(void *owner)
{
	struct proxy *p = owner;

	hear(p);
	say(p);
	if (wire_end(p->wire) != WIRE_OPEN) {
		stop(p);
		wire_close(p->wire, WIRE_CLEAN);
	} else if (wire_readable(p->wire) != 0 || can_say(p)) {
		errand_set(&p->act, dice_between(0, p->slowness));
	} else if (p->answering && !may_answer(p)) {
		errand_set(&p->act, p->answers_at - clock_now());
	}
}

static void
on_wake(void *peer)
{
	struct proxy *p = peer;

	if (!p->over)
		errand_set(&p->act, dice_between(0, p->slowness));
}

/* -- for dials -- */

static void
speak_unasked(struct proxy *p)
{
	p->answering = proxy_answer_unasked(&p->answer);
	if (!p->answering)
		return;
	p->answers_at = clock_now();
	say(p);
}

void
proxy_begin(struct wire *w, bool tls)
{
	static const int64_t slowness[] = { 0, 100000, 1000000, 50000000 };
	static const unsigned weights[] = { 4, 4, 3, 1 };
	struct proxy *p = xcalloc(1, sizeof(*p));

	p->wire = w;
	w->wake = on_wake;
	w->peer = p;
	w->in_most = dice_one_in(4) ? 1 + dice(60) : 65536;
	w->out_most = dice_one_in(4) ? 1 + dice(60) : 65536;
	p->gulp = dice_one_in(3) ? 1 + dice(300) : 65536;
	p->slowness = slowness[dice_weighed(weights, 4)];
	message_begin(&p->reader, false, &events, p);
	errand_init(&p->act, act, p);
	errand_init(&p->rest, on_rest, p);
	buf_init(&p->answer.bytes, NULL);
	p->answer.opens_at = UINT64_MAX;
	p->next = all;
	all = p;
	if (!tls)
		speak_unasked(p);
}

void
proxy_shook(struct wire *w)
{
	struct event_base *before = fate_owns(NULL);

	speak_unasked(proxy_of(w));
	fate_owns(before);
}

/* Of its request nothing may be left for the upstream. */
void
proxy_end(struct wire *w)
{
	struct proxy *p;

	if (w->wake != on_wake)
		return;
	p = w->peer;
	stop(p);
	buf_consume(&w->out, buf_len(&w->out));
	w->wake = NULL;
	w->peer = NULL;
}

struct proxy_said
proxy_said(const struct wire *w)
{
	const struct proxy *p = proxy_of(w);

	return (struct proxy_said){ .opens_at = p->answer.opens_at,
	    .n = w->written - buf_len(&w->in) - handshake_ahead(w),
	    .status = p->answer.status };
}

enum proxy_leads
proxy_leads(const struct wire *w)
{
	return proxy_of(w)->answer.leads;
}

void
proxies_begin(void)
{
	all = NULL;
}

void
proxies_end(void)
{
	struct proxy *p;

	while ((p = all) != NULL) {
		all = p->next;
		stop(p);
		message_release(&p->reader);
		buf_release(&p->answer.bytes);
		free(p);
	}
}
