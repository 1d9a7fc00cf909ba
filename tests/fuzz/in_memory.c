/*
 * The network in memory; see in_memory.h.  A dial that ends well is a
 * connection that was verified: there is no other way to one of upstream.
 */
#include "in_memory.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "fuzz.h"
#include "net/dial.h"
#include "net/orphan.h"
#include "net/resolve.h"
#include "net/timer.h"
#include "net/tls.h"

#define NEVER		INT64_MAX

struct link {
	struct wire *wire;
	const struct link_events *events;
	void *owner;
	struct deferred turn_end;
	enum link_error fault;
	void (*gone)(void *owner);
	void *gone_owner;
	bool want_input, wake, eof, closed, told;
};

struct dial {
	struct dial *next;
	dial_done *done;
	void *owner;
};

static struct memory {
	struct loop *loop;
	struct wire *wires;
	struct dial *dials;
	struct timer **timers;		/* each knows its place */
	size_t n_timers;
	int64_t now, slept;
	size_t n_links;
	bool unnoticed;			/* on what is connected now */
} memory;

/* -- time -- */

static int64_t
now(void)
{
	return memory.now;
}

static int64_t
wall(void)
{
	return INT64_C(1800000000) * NS_PER_S + memory.now;
}

static int64_t
boot(void)
{
	return memory.now + memory.slept;
}

void
timer_init(struct timer *t, struct loop *l, void (*fn)(void *owner),
    void *owner)
{
	(void)l;
	*t = (struct timer){
		.fn = fn,
		.owner = owner,
		.deadline = NEVER,
		.at = memory.n_timers,
	};
	memory.timers = xreallocarray(memory.timers, memory.n_timers + 1,
	    sizeof(*memory.timers));
	memory.timers[memory.n_timers++] = t;
}

void
timer_end(struct timer *t)
{
	struct timer *last;

	if (t->fn == NULL)
		return;
	last = memory.timers[--memory.n_timers];
	last->at = t->at;
	memory.timers[t->at] = last;
	t->fn = NULL;
}

void
timer_set(struct timer *t, int64_t ms)
{
	fuzz_assert(ms >= 0);
	t->deadline = memory.now + ms * NS_PER_MS;
}

void
timer_clear(struct timer *t)
{
	t->deadline = NEVER;
}

bool
timer_is_set(const struct timer *t)
{
	return t->deadline != NEVER;
}

static struct timer *
earliest(void)
{
	struct timer *first = NULL;

	for (size_t i = 0; i < memory.n_timers; i++) {
		struct timer *t = memory.timers[i];

		if (t->deadline != NEVER &&
		    (first == NULL || t->deadline < first->deadline))
			first = t;
	}
	return first;
}

bool
memory_fire(void)
{
	struct timer *first = earliest();

	if (first == NULL)
		return false;
	if (memory.now < first->deadline)
		memory.now = first->deadline;
	memory_turn();
	/* The turn may have been the end of it: look again. */
	for (size_t i = 0; i < memory.n_timers; i++) {
		struct timer *t = memory.timers[i];

		if (t == first && t->deadline <= memory.now) {
			t->deadline = NEVER;
			t->fn(t->owner);
			break;
		}
	}
	memory_turn();
	return true;
}

void
memory_pass(int64_t ms)
{
	int64_t then = memory.now + ms * NS_PER_MS;
	const struct timer *t;

	while ((t = earliest()) != NULL && t->deadline <= then)
		memory_fire();
	memory.now = then;
	memory_turn();
}

void
memory_sleep(int64_t ms)
{
	memory.slept += ms * NS_PER_MS;
	memory_turn();
}

/* -- links -- */

static void
flush(struct link *l)
{
	while (!l->closed && l->fault == LINK_OK && l->wire->room != 0) {
		struct text t = l->events->output(l->owner);
		size_t n = t.n < l->wire->room ? t.n : l->wire->room;

		if (t.n == 0) {
			l->wake = false;
			return;
		}
		l->wire->room -= n;
		buf_append(&l->wire->out, t.p, n);
		l->events->output_done(l->owner, n);
	}
}

static void
turn_ended(void *owner)
{
	struct link *l = owner;

	if (l->wake)
		flush(l);
	if (l->closed || l->fault == LINK_OK || l->told)
		return;
	l->told = true;
	l->events->error(l->owner, l->fault);
}

static void
reap(void *owner)
{
	struct link *l = owner;

	memory.n_links--;
	if (l->gone != NULL)
		l->gone(l->gone_owner);
	free(l);
}

static struct link *
make(struct loop *loop, bool upstream, const struct link_events *events,
    void *owner)
{
	struct link *l = xcalloc(1, sizeof(*l));
	struct wire *w = xcalloc(1, sizeof(*w));

	fuzz_assert(loop == memory.loop);
	buf_init(&w->in, NULL);
	buf_init(&w->out, NULL);
	w->upstream = upstream;
	w->link = l;
	w->room = SIZE_MAX;
	w->unnoticed = memory.unnoticed;
	w->next = memory.wires;
	memory.wires = w;
	memory.n_links++;
	l->wire = w;
	l->events = events;
	l->owner = owner;
	deferred_init(&l->turn_end, LOOP_SOON, turn_ended, l);
	return l;
}

struct link *
link_new(struct loop *loop, int fd, const struct link_events *events,
    void *owner)
{
	fuzz_assert(fd == -1);
	return make(loop, false, events, owner);
}

struct link *
link_new_tls(struct loop *loop, SSL *ssl, int fd,
    const struct link_events *events, void *owner)
{
	fuzz_assert(ssl == NULL && fd == -1);
	return make(loop, true, events, owner);
}

void
link_want_input(struct link *l, bool on)
{
	l->want_input = on;
}

void
link_wake(struct link *l)
{
	l->wake = true;
	deferred_queue(memory.loop, &l->turn_end);
}

bool
link_is_quiet(struct link *l)
{
	return l->fault == LINK_OK && !l->eof && !l->wire->unnoticed;
}

bool
link_is_blocked(const struct link *l)
{
	return l->wire->room == 0;
}

void
link_close(struct link **p, enum link_end end)
{
	struct link *l = *p;

	*p = NULL;
	if (l == NULL)
		return;
	l->closed = true;
	l->wire->link = NULL;
	l->wire->end = end;
	deferred_cancel(&l->turn_end);
	deferred_init(&l->turn_end, LOOP_LATE, reap, l);
	deferred_queue(memory.loop, &l->turn_end);
}

bool
link_tls_failure(const struct link *l, char *why, size_t why_size)
{
	if (l->fault != LINK_TLS)
		return false;
	(void)snprintf(why, why_size, "as told");
	return true;
}

void
link_on_gone(struct link *l, void (*gone)(void *owner), void *owner)
{
	l->gone = gone;
	l->gone_owner = owner;
}

int
link_fd(const struct link *l)
{
	(void)l;
	return -1;
}

uint64_t
link_sent(const struct link *l)
{
	return buf_len(&l->wire->out);
}

uint64_t
link_waiting(const struct link *l)
{
	size_t n = buf_len(&l->wire->out);

	return l->wire->waiting < n ? l->wire->waiting : n;
}

uint64_t
link_written(const struct link *l)
{
	return buf_len(&l->wire->out);
}

uint64_t
link_arrived(const struct link *l)
{
	size_t n = buf_len(&l->wire->out);

	return l->wire->under_way < n ? n - l->wire->under_way : 0;
}

bool
orphan_check(int fd)
{
	(void)fd;
	return false;
}

static bool
listens(const struct wire *w)
{
	const struct link *l = w->link;

	return l != NULL && l->fault == LINK_OK && l->want_input && !l->eof;
}

bool
memory_feed(struct wire *w, const void *p, size_t n)
{
	if (!listens(w) || n == 0)
		return false;
	buf_append(&w->in, p, n);
	w->link->events->input(w->link->owner, p, n);
	memory_turn();
	return true;
}

bool
memory_eof(struct wire *w, bool clean)
{
	if (!listens(w))
		return false;
	w->link->eof = true;
	w->link->events->eof(w->link->owner, clean);
	memory_turn();
	return true;
}

void
memory_fail(struct wire *w)
{
	if (w->link == NULL || w->link->fault != LINK_OK)
		return;
	w->link->fault = LINK_RESET;
	deferred_queue(memory.loop, &w->link->turn_end);
	memory_turn();
}

void
memory_set_room(struct wire *w, size_t n)
{
	bool was_blocked = w->room == 0;

	w->room = n;
	if (w->link != NULL && was_blocked && n != 0)
		deferred_queue(memory.loop, &w->link->turn_end);
	memory_turn();
}

/* -- dials -- */

struct dial *
dial_start(struct loop *loop, const struct dial_conf *conf, dial_done *done,
    void *owner)
{
	struct dial *d = xcalloc(1, sizeof(*d)), **last = &memory.dials;

	(void)loop;
	(void)conf;
	d->done = done;
	d->owner = owner;
	while (*last != NULL)
		last = &(*last)->next;
	*last = d;
	return d;
}

void
dial_cancel(struct dial *d)
{
	struct dial **at = &memory.dials;

	if (d == NULL)
		return;
	while (*at != d)
		at = &(*at)->next;
	*at = d->next;
	free(d);
}

bool
memory_connect(bool verified)
{
	return memory_dial(verified ? DIAL_OK : DIAL_TLS);
}

bool
memory_dial(enum dial_result result)
{
	struct dial *d = memory.dials;
	dial_done *done;
	void *owner;

	if (d == NULL)
		return false;
	memory.dials = d->next;
	done = d->done;
	owner = d->owner;
	free(d);
	done(owner, result, NULL, -1, "fails");
	memory_turn();
	return true;
}

bool
memory_connect_with_bytes(void)
{
	bool any;

	memory.unnoticed = true;
	any = memory_connect(true);
	memory.unnoticed = false;
	return any;
}

/* What egress asks for and dials would use. */

struct tls_client *
tls_client_new(const struct tls_client_conf *conf, char *why,
    size_t why_size)
{
	(void)conf;
	(void)why;
	(void)why_size;
	return xmalloc(1);
}

void
tls_client_free(struct tls_client *c)
{
	free(c);
}

struct resolver *
resolver_new(struct loop *loop, char *why, size_t why_size)
{
	(void)loop;
	(void)why;
	(void)why_size;
	return xmalloc(1);
}

void
resolver_free(struct resolver *r)
{
	free(r);
}

/* -- the whole -- */

void
memory_start(struct loop *loop)
{
	static const struct clock_source source = {
		.monotonic = now, .wall = wall, .boot = boot,
	};

	memory = (struct memory){ .loop = loop, .now = NS_PER_S };
	clock_replace(&source);
}

void
memory_turn(void)
{
	/* No event is waited for: returns after one. */
	loop_run(memory.loop);
}

struct wire *
memory_wires(void)
{
	return memory.wires;
}

void
memory_end(void)
{
	struct wire *w;

	fuzz_assert(memory.n_links == 0);
	fuzz_assert(memory.dials == NULL && memory.n_timers == 0);
	free(memory.timers);
	while ((w = memory.wires) != NULL) {
		memory.wires = w->next;
		buf_release(&w->in);
		buf_release(&w->out);
		free(w);
	}
	clock_replace(NULL);
}
