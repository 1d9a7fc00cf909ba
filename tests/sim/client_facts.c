/*
 * Facts about clients, for oracles; see client.h.
 */
#include "client_own.h"

#include <string.h>

#include "base/clock.h"
#include "history.h"
#include "oracle.h"
#include "oracle_way.h"
#include "worker.h"

/* -- bytes that its system received, even if it never reads them -- */

static void
on_taken_head(void *owner, const struct message *m)
{
	struct client *c = owner;
	struct text t;

	if (m->status < 200)
		return;
	must(c->taking < c->n, "client %lu: is sent an answer to nothing",
	    c->number);
	oracle_on_answered(c->wire, m);
	oracle_on_last_answers(c->wire, m, c->requests[c->taking]->began_ns);
	c->requests[c->taking]->took_status = m->status;
	c->sent_the_last = message_field(m, "Connection", &t) &&
	    text_eq(t, TEXT("close"));
}

static void
on_taken_body(void *owner, struct text t)
{
	struct client *c = owner;

	c->requests[c->taking]->took += t.n;
}

static void
on_taken_end(void *owner)
{
	struct client *c = owner;

	c->taking++;
	c->taken.bodiless = c->taking < c->n &&
	    c->requests[c->taking]->head_only;
}

static const struct message_events taken_events = { on_taken_head,
    on_taken_body, on_taken_end };

bool
client_hears_an_alert(const struct client *c)
{
	return setting_speaks_tls(c->wire->listener) && !c->wire->served &&
	    !c->wire->plain;
}

/* internal_error, before a handshake (RFC 8446, section 6). */
static void
take_alert(struct client *c, struct text t)
{
	static const char alert[] = "\x15\x03\x03\x00\x02\x02\x50";
	size_t left = sizeof(alert) - 1 - c->alerted;

	must(!c->wire->enters && c->wire->full, "wire %u: is turned away, and "
	    "there was room", c->wire->number);
	must(t.n <= left && memcmp(t.p, alert + c->alerted, t.n) == 0,
	    "wire %u: is turned away by something that is no alert",
	    c->wire->number);
	c->alerted += t.n;
}

void
client_takes(const struct wire *w, struct text t)
{
	struct client *c = w->peer;

	if (client_hears_an_alert(c)) {
		take_alert(c, t);
		return;
	}
	message_feed(&c->taken, t);
	must(c->taken.bad == NULL, "client %lu: what it is sent is not "
	    "valid: %s", c->number, c->taken.bad);
}

void
client_taking_begin(struct client *c)
{
	message_begin(&c->taken, true, &taken_events, c);
	c->taken.bodiless = c->requests[0]->head_only;
}

bool
client_may_ask_more(const struct client *c)
{
	return message_is_between(&c->taken) && !c->sent_the_last;
}

bool
client_is_idle(const struct client *c)
{
	return client_may_ask_more(c) && c->taking == c->saying &&
	    (c->saying == c->n || c->requests[c->saying]->written == 0);
}

/* -- what clients did -- */

void
client_is_let_in(struct client *c, const struct setting *s)
{
	for (size_t i = 0; i < c->n; i++)
		request_expect(c->requests[i], s);
}

struct client *
client_of_number(unsigned long number)
{
	struct client *c = clients();

	while (c != NULL && c->number != number)
		c = c->next;
	return c;
}

struct request *
client_next_line(struct client *c)
{
	for (size_t i = 0; i < c->n; i++) {
		if (c->requests[i]->n_lines == 0)
			return c->requests[i];
	}
	return NULL;
}

/* Whether it has sent a part of a head, and no answer is under way. */
static bool
head_waits(const struct client *c, int64_t at)
{
	const struct request *r = c->requests[c->saying];
	int64_t before;

	if (c->wire == NULL || c->wire->link == NULL)
		return false;
	before = at - worker_facts(c->wire->worker)->setting->conf
	    .timeouts.head * NS_PER_MS;
	return !c->over && !c->stopped && c->saying < c->n &&
	    c->hearing == c->saying &&
	    r->n_lines == 0 && r->status == 0 && r->written != 0 &&
	    r->written < r->head_n &&
	    r->began_ns < before && c->answered_ns < before &&
	    c->wire->let_in_ns < before &&
	    c->wire->taken == c->heard;
}

const struct request *
clients_late_head(int64_t at)
{
	for (const struct client *c = clients(); c != NULL; c = c->next) {
		if (c->saying < c->n && head_waits(c, at))
			return c->requests[c->saying];
	}
	return NULL;
}

bool
client_was_answered_before(const struct client *c, const struct request *r)
{
	for (size_t i = 0; i < c->n && c->requests[i] != r; i++) {
		if (!c->requests[i]->answered || c->requests[i]->closes)
			return false;
	}
	return true;
}

bool
client_is_blameless(const struct client *c)
{
	if (c->stopped || (c->left && c->hearing < c->n) ||
	    c->slowness > NS_PER_MS)
		return false;
	for (size_t i = 0; i <= c->saying && i < c->n; i++) {
		if (c->requests[i]->pause_at != SIZE_MAX ||
		    c->requests[i]->given_up_at != SIZE_MAX ||
		    c->requests[i]->trickles)
			return false;
	}
	return true;
}

bool
client_reads_to_the_end(const struct client *c)
{
	return !c->left && !c->stopped;
}

bool
clients_are_left(void)
{
	for (const struct client *c = clients(); c != NULL; c = c->next) {
		if ((!c->over && (c->wire == NULL ||
		    c->wire->worker == NOBODY)) ||
		    (c->wire != NULL && c->wire->open))
			return true;
	}
	return false;
}

bool
client_is_here(const struct client *c)
{
	return c->wire != NULL && !c->over;
}

const struct wire *
client_wire(const struct client *c)
{
	return c->wire;
}

const struct way *
client_way(const struct wire *w)
{
	const struct client *c = w->peer;

	return &c->way;
}
