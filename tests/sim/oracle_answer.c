/*
 * Oracles for the answers that clients get; see oracle.h.
 */
#include "oracle.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "client.h"
#include "clock.h"
#include "history.h"
#include "oracle_way.h"
#include "proxy.h"
#include "setting.h"
#include "worker.h"

void
oracle_on_heard(const struct wire *w, struct text t)
{
	must(memmem(t.p, t.n, KEY_MARK, sizeof(KEY_MARK) - 1) == NULL,
	    "wire %u: a client got a key", w->number);
	must(memmem(t.p, t.n, PROXY_MARK, sizeof(PROXY_MARK) - 1) == NULL,
	    "wire %u: a client got what a proxy said", w->number);
}

static void
take_code(struct request *r, const struct message *m)
{
	struct text t = TEXT("");

	must(message_field(m, "X-Cloud-Error-Codes", &t) &&
	    text_starts_with(t, TEXT("sallyport.")) &&
	    t.n - 10 < sizeof(r->code),
	    "request %u: an answer of nobody", r->number);
	memcpy(r->code, t.p + 10, t.n - 10);
	r->code[t.n - 10] = '\0';
}

/* A client that sent one malformed request is not asked for another. */
static void
a_400_is_the_last(const struct request *r)
{
	must(r->code[0] == '\0' || r->status != 400 || r->closes,
	    "request %u: was malformed, and its connection goes on",
	    r->number);
}

/* It may have waited for the quota of its key, also for a second try. */
static bool
is_over_its_quota(const struct request *r)
{
	const struct setting *s =
	    worker_facts(client_wire(r->client)->worker)->setting;

	return s->upstreams[r->route->upstream].quota == CONF_QUOTA_WAIT &&
	    r->key != CONF_NONE && oracle_quota_holds_up(s, r->route);
}

static void
only_a_limited_route_is_reached_a_limit_of(const struct request *r)
{
	must(strcmp(r->code, "rate_limited") != 0 || (r->route != NULL &&
	    (r->route->limited || is_over_its_quota(r))),
	    "request %u: its route has no limit, and is said to have reached "
	    "it", r->number);
	must(r->status != 429 || strcmp(r->code, "rate_limited") == 0,
	    "request %u: 429 as %s", r->number, r->code);
}

/* That is judged when it happens. */
static bool
is_refused_by_now(const struct request *r)
{
	return strcmp(r->code, "client_refused") == 0 &&
	    oracle_is_over(client_wire(r->client));
}

static void
an_answer_of_ours_is_as_it_must_be(const struct request *r)
{
	static const char *const others[] = { "overloaded", "draining",
	    "request_timeout" };

	only_a_limited_route_is_reached_a_limit_of(r);
	if (r->fault == NULL || is_refused_by_now(r))
		return;
	if (strcmp(r->code, r->fault) == 0) {
		must(r->status == r->fault_status, "request %u: %s has "
		    "status %u", r->number, r->code, r->status);
		return;
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		if (strcmp(r->code, others[i]) == 0)
			return;
	}
	finding("request %u: must be refused as %s, and was as %s",
	    r->number, r->fault, r->code);
}

/*
 * It could have been tried with the next key: all that the program needs for
 * that was there, and nothing was decided meanwhile.
 */
static void
a_second_key_was_tried(const struct request *r)
{
	const struct attempt *t = r->answerer;
	const struct setting *s = worker_facts(t->wire->worker)->setting;

	if (!t->refuses_at_once || r->tried || t->next_key == CONF_NONE ||
	    !t->honest || t->after_lie || t->said_ns == 0 ||
	    t->decisions != oracle_decisions() ||
	    r->body_n > s->conf.limits.replay ||
	    oracle_second_key(s, r->route, t->value) != t->next_key)
		return;
	finding("request %u: was refused for its key, and %s was not tried",
	    r->number, s->keys[t->next_key].name);
}

/* The parent is told, so that it has the key probed. */
static void
its_key_is_suspected(const struct request *r)
{
	const struct attempt *t = r->answerer;

	must(!t->refuses_at_once || !t->honest || t->after_lie ||
	    oracle_is_suspected(t->wire->worker, t->value, t->came_boot_ns),
	    "request %u: its key was refused, and is not suspected",
	    r->number);
}

static void
another_s_answer_is_passed_as_it_came(struct request *r, struct text number)
{
	unsigned long n = strtoul(number.p, NULL, 10);

	for (unsigned i = 0; i < r->n_attempts; i++) {
		if (body_of_answer(r, i) == n)
			r->answerer = &r->attempts[i];
	}
	must(r->answerer != NULL, "request %u: the answer to another",
	    r->number);
	must(r->answerer->worth != WORTH_NOTHING,
	    "request %u: got what is no answer", r->number);
	/* Surplus bytes of an answer before may be its status line now. */
	must(r->answerer->status == r->status || r->answerer->after_lie,
	    "request %u: status %u, not %u", r->number, r->status,
	    r->answerer->status);
	a_second_key_was_tried(r);
	its_key_is_suspected(r);
}

static void
hop_by_hop_fields_stay(const struct request *r, const struct message *m)
{
	must(message_count(m, "Keep-Alive") == 0 &&
	    message_count(m, "Connection") <= 1,
	    "request %u: a field of the upstream's connection came back",
	    r->number);
}

/* More than the delays of clients and wires. */
#define HELD		NS_PER_S

/* A 401 that does not end may be looked at for a second before it passes. */
static int64_t
most_held(const struct request *r)
{
	return r->answerer->worth == WORTH_CUT && r->status == 401 ?
	    NS_PER_S + HELD : HELD;
}

/* All of the answer came, and the client takes it. */
static void
nothing_is_held(const struct request *r)
{
	int64_t since = client_wire(r->client)->read_before_ns;

	if (r->answerer == NULL || r->answerer->said_ns == 0)
		return;
	if (since < r->answerer->said_ns)
		since = r->answerer->said_ns;
	must(clock_now() - since <= most_held(r), "request %u: all of its "
	    "answer came, and was held for %lld ms", r->number,
	    (long long)((clock_now() - since) / NS_PER_MS));
}

void
oracle_on_answer_head(struct request *r, const struct message *m)
{
	struct text t = TEXT("");

	r->status = m->status;
	r->closes = message_field(m, "Connection", &t) &&
	    text_eq(t, TEXT("close"));
	history("request %u: the client got status %u", r->number, m->status);
	hop_by_hop_fields_stay(r, m);
	if (message_field(m, "X-Sim-Answer", &t)) {
		another_s_answer_is_passed_as_it_came(r, t);
		nothing_is_held(r);
		return;
	}
	if (r->status == STATUS_UNASKED)
		return;
	take_code(r, m);
	oracle_on_answer_of_ours(r);
	an_answer_of_ours_is_as_it_must_be(r);
	a_400_is_the_last(r);
}

void
oracle_on_answer_body(struct request *r, struct text t)
{
	if (r->answerer != NULL && !r->answerer->reflects)
		must(answer_body_is(r, (unsigned)(r->answerer - r->attempts),
		    r->got, t), "request %u: another body came back",
		    r->number);
	r->got += t.n;
	nothing_is_held(r);
}

/* To a client of HTTP/1.0 the end of the connection may be that of a body. */
static bool
may_be_cut_by_a_death(const struct request *r)
{
	return r->old && client_wire(r->client)->died;
}

void
oracle_on_answer_end(struct request *r)
{
	r->answered = true;
	history("request %u: answered", r->number);
	if (may_be_cut_by_a_death(r))
		return;
	nothing_is_held(r);
	if (r->answerer != NULL) {
		must(r->answerer->worth == WORTH_WHOLE, "request %u: what "
		    "was cut looks whole", r->number);
		must(r->got == r->answerer->answer_body, "request %u: looks "
		    "whole after %llu of %llu bytes", r->number,
		    (unsigned long long)r->got,
		    (unsigned long long)r->answerer->answer_body);
	}
	oracle_compare(r);
}
