/*
 * Oracles for the access log: each exchange has one line, and the line agrees
 * with what the peers saw.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "client.h"
#include "history.h"
#include "oracle.h"
#include "oracle_way.h"
#include "proxy.h"
#include "setting.h"
#include "worker.h"

static struct request *
request_of(const struct line *l, const char *text)
{
	struct client *c = client_of_number(l->client);
	struct request *r;

	must(c != NULL, "a line of no client: %s", text);
	if (l->id[0] == 'r')
		r = request_of_number(strtoul(l->id + 1, NULL, 10));
	else
		r = client_next_line(c);
	must(r != NULL && r->client == c, "a line of no request: %s", text);
	return r;
}

static bool
is_faultless(const struct line *l)
{
	return l->fault[0] == '\0';
}

static const struct conf *
conf_of(const struct request *r)
{
	return &worker_facts(client_wire(r->client)->worker)->setting->conf;
}

/*
 * Whether an answer said that a key is invalid, or one was disabled with which
 * the request had left: it may not have come to the upstream then.
 */
static bool
was_refused(const struct request *r)
{
	const struct setting *s =
	    worker_facts(client_wire(r->client)->worker)->setting;

	for (unsigned i = 0; i < r->n_attempts; i++) {
		if (r->attempts[i].refuses)
			return true;
	}
	for (unsigned i = 0; i < r->n_sent; i++) {
		if (oracle_was_disabled_since(s->value_at[r->sent[i].key],
		    r->sent[i].at))
			return true;
	}
	return false;
}

static const char *
key_name(const struct request *r)
{
	return r->key != CONF_NONE ? conf_of(r)->keys[r->key].name : "";
}

/* A line without a route has no key and no attempts. */
static void
route_and_key_are_true(const struct request *r, const struct line *l)
{
	const char *upstream;

	if (l->route[0] == '\0') {
		must(l->attempts == 0 && l->key[0] == '\0',
		    "request %u: sent, and its line names no route",
		    r->number);
		return;
	}
	must(r->route != NULL && strcmp(r->route->name, l->route) == 0,
	    "request %u: its line names route %s", r->number, l->route);
	upstream = conf_of(r)->upstreams[r->route->upstream].name;
	must(strcmp(upstream, l->upstream) == 0,
	    "request %u: its line names upstream %s", r->number, l->upstream);
	must(strcmp(l->key, key_name(r)) == 0, "request %u: its line names "
	    "key \"%s\", not \"%s\"", r->number, l->key, key_name(r));
}

/* An attempt under way when the exchange ends may arrive later. */
static void
attempts_are_told(const struct request *r, const struct line *l)
{
	const unsigned most = 1U + (r->idempotent ? 1U : 0U) +
	    (was_refused(r) && r->route->n_keys > 1 ? 1U : 0U);

	must(l->attempts <= most, "request %u: its line tells of %lu attempts",
	    r->number, l->attempts);
	must(r->n_attempts <= l->attempts, "request %u: the upstream saw %u "
	    "attempts, its line tells of %lu", r->number, r->n_attempts,
	    l->attempts);
}

static void
attempts_are_true(const struct request *r, const struct line *l)
{
	const struct attempt *last;

	attempts_are_told(r, l);
	if (!is_faultless(l) || l->status == STATUS_UNASKED)
		return;
	must(r->n_attempts != 0, "request %u: nobody answered it, and its "
	    "line has no fault", r->number);
	last = request_last(r);
	must(last->reused == l->reused, "request %u: its line says%s "
	    "reused", r->number, l->reused ? "" : " not");
	must(last->worth == WORTH_WHOLE, "request %u: no whole response "
	    "came, and its line has no fault", r->number);
	must(last->status == l->status, "request %u: status %u, its line "
	    "says %lu", r->number, last->status, l->status);
	must(!last->whole || last->body == l->request_bytes, "request %u: "
	    "its line says that %lu bytes came", r->number, l->request_bytes);
}

static void
an_expected_refusal_is_one(const struct request *r, const struct line *l)
{
	if (r->fault == NULL)
		return;
	must(!is_faultless(l) && l->attempts == 0,
	    "request %u: must be refused as %s, and was not", r->number,
	    r->fault);
}

/*
 * The line has the bytes that the other side's system received, exactly.  If an
 * answer was cut before any of it left, the line has its status nevertheless.
 */
static void
what_went_out_is_told(const struct request *r, const struct line *l)
{
	must(l->response_bytes == r->took, "request %u: %llu bytes of its "
	    "answer went out, its line says %lu", r->number,
	    (unsigned long long)r->took, l->response_bytes);
	must(l->status == r->took_status || (r->took_status == 0 &&
	    !is_faultless(l)), "request %u: status %u went out, its line says "
	    "%lu", r->number, r->took_status, l->status);
}

void
oracle_on_line(const struct line *l, const char *text)
{
	struct request *r = request_of(l, text);

	must(r->n_lines++ == 0, "request %u: a second line", r->number);
	r->line = *l;
	must(strstr(text, KEY_MARK) == NULL, "a key in a line: %s", text);
	must(strstr(text, PROXY_MARK) == NULL, "what a proxy said is in a "
	    "line: %s", text);
	must(l->request_bytes <= r->body_n, "request %u: its line says that "
	    "%lu bytes came", r->number, l->request_bytes);
	what_went_out_is_told(r, l);
	oracle_on_told_client(client_wire(r->client), l);
	route_and_key_are_true(r, l);
	attempts_are_true(r, l);
	an_expected_refusal_is_one(r, l);
	oracle_on_told(r, l);
	oracle_on_traced(r, l);
}

void
oracle_compare(const struct request *r)
{
	const struct line *l = &r->line;

	if (!client_wire(r->client)->served)
		return;
	must(r->n_lines == 1, "request %u: it is answered and has no line",
	    r->number);
	must(l->status == r->status, "request %u: the client got status %u, "
	    "its line says %lu", r->number, r->status, l->status);
	must(l->response_bytes == r->got, "request %u: the client got %llu "
	    "bytes, its line says %lu", r->number, (unsigned long long)r->got,
	    l->response_bytes);
	must(strcmp(l->fault, r->code) == 0, "request %u: the client was "
	    "told \"%s\", its line says \"%s\"", r->number, r->code,
	    l->fault);
}

/* -- the end of the run -- */

static void
who_was_heard_has_a_line(const struct request *r)
{
	const struct wire *w = client_wire(r->client);

	if (w == NULL || !w->served) {
		must(r->n_lines == 0, "request %u: a line of who was not "
		    "served", r->number);
		return;
	}
	must(r->n_lines == 1 || (r->status == 0 && r->n_attempts == 0) ||
	    w->died, "request %u: no line", r->number);
}

/* A client that has sent a part of a head has begun a request. */
static void
what_was_begun_has_a_line(const struct request *r)
{
	const struct wire *w = client_wire(r->client);

	must(r->n_lines == 1 || r->written == 0 || !w->served || w->died ||
	    w->handed <= r->began_at ||
	    !client_was_answered_before(r->client, r),
	    "request %u: some of its head came, and it has no line",
	    r->number);
}

/*
 * A request that was under way when its connection was closed in order, and
 * that no answer had told the client not to send.
 */
static void
what_came_before_the_end_is_served(const struct request *r)
{
	const struct wire *w = client_wire(r->client);

	must(r->n_lines == 1 || r->written == 0 || !w->served ||
	    w->end == LINK_END_ABORT || w->said <= r->began_at ||
	    oracle_is_over(w) ||
	    !client_was_answered_before(r->client, r),
	    "request %u: some of it was said before its connection was "
	    "closed, and it was not served", r->number);
}

/* Whether the client has a whole answer by the line, perhaps one of ours. */
static bool
is_whole(const struct line *l)
{
	return is_faultless(l) || l->status == 408 ||
	    (l->status != 0 && l->attempts == 0);
}

/* What still lingers when a worker has retired may do so for 5 seconds. */
static bool
outlasted_its_worker(const struct wire *w)
{
	return worker_facts(w->worker)->phase == WORKER_RETIRES &&
	    w->closed_ns - w->lingers_ns >= 5 * NS_PER_S;
}

/* An answer that was cut was not received completely. */
static void
a_cut_answer_is_told_as_one(const struct request *r)
{
	const struct line *l = &r->line;
	const struct wire *w = client_wire(r->client);

	if (r->n_lines == 0 || r->answered)
		return;
	must(l->response_bytes >= r->got, "request %u: the client got %llu "
	    "bytes, its line says %lu", r->number,
	    (unsigned long long)r->got, l->response_bytes);
	must(r->status == 0 || l->status == r->status, "request %u: the "
	    "client got status %u, its line says %lu", r->number, r->status,
	    l->status);
	/*
	 * A reset that cuts a later exchange takes away what is under way, and
	 * so does that of a connection that lingers when the worker is cut.
	 */
	must(!is_whole(l) || !client_reads_to_the_end(r->client) ||
	    w->end == LINK_END_ABORT ||
	    (w->our_end == WIRE_RESET && (worker_is_disturbed(w->worker) ||
	    outlasted_its_worker(w))),
	    "request %u: by its line it was answered, and the client did not "
	    "get all", r->number);
}

/* Too soon for any deadline, whatever a peer may do. */
#define SOON		UINT64_C(1500000000)

/* It was answered that its key is none, and got no connection of the next. */
static bool
found_no_second_way(const struct request *r)
{
	return was_refused(r) && r->n_attempts == r->line.attempts &&
	    (strcmp(r->line.fault, "upstream_tls") == 0 ||
	    strcmp(r->line.fault, "upstream_timeout") == 0 ||
	    strcmp(r->line.fault, "upstream_unreachable") == 0);
}

/*
 * Its tunnel was cut with the key of its upstream's proxy, by a worker that
 * obeyed a little later.
 */
static bool
lost_its_tunnel(const struct request *r)
{
	const struct setting *s =
	    worker_facts(client_wire(r->client)->worker)->setting;
	const struct conf_proxy *p = &s->upstreams[r->route->upstream].proxy;

	return strcmp(r->line.fault, "upstream_unreachable") == 0 &&
	    p->host != NULL && p->key != CONF_NONE &&
	    oracle_was_obeyed_since(s->value_at[p->key],
	    request_last(r)->sent_ns);
}

static void
nothing_ends_badly_without_a_reason(const struct request *r)
{
	const struct line *l = &r->line;
	const struct attempt *last;

	if (r->n_lines == 0 || r->n_attempts == 0 || l->duration > SOON ||
	    !client_is_blameless(r->client))
		return;
	/* A reset that cuts a later exchange takes away bytes that wait. */
	if (client_wire(r->client)->end == LINK_END_ABORT &&
	    strcmp(l->fault, "client_gone") == 0)
		return;
	last = request_last(r);
	/* That is judged when it happens. */
	if (strcmp(l->fault, "key_unavailable") == 0)
		return;
	must(!last->honest || r->n_attempts < l->attempts || is_faultless(l)
	    || strcmp(l->fault, "body_too_large") == 0 ||
	    found_no_second_way(r) || lost_its_tunnel(r),
	    "request %u: ended by %s, and nobody did wrong", r->number,
	    l->fault);
}

/* The upstream closed an idle connection and never looked at the request. */
static void
what_can_be_sent_again_is(const struct request *r)
{
	const struct line *l = &r->line;
	const struct attempt *t = &r->attempts[0];

	if (r->n_lines == 0 || l->attempts != 1 || !l->reused ||
	    !r->idempotent || r->body_n > conf_of(r)->limits.replay ||
	    r->n_attempts != 1 ||
	    t->after_lie || t->wire->handed > t->before)
		return;
	must(strcmp(l->fault, "upstream_protocol") != 0,
	    "request %u: could have been sent again", r->number);
}

static void
a_refusal_says_why(const struct request *r)
{
	const struct line *l = &r->line;

	if (r->fault == NULL || r->n_lines == 0 ||
	    !client_is_blameless(r->client))
		return;
	must(strcmp(l->fault, r->fault) == 0 ||
	    strcmp(l->fault, "overloaded") == 0 ||
	    (strcmp(l->fault, "client_refused") == 0 &&
	    oracle_is_over(client_wire(r->client))),
	    "request %u: must be refused as %s, and was as %s", r->number,
	    r->fault, l->fault);
}

/* Whether it went to a worker that ended by itself, if it did. */
static bool
is_undisturbed(const struct request *r)
{
	const struct wire *w = client_wire(r->client);

	return w != NULL && w->worker != NOBODY &&
	    !worker_is_disturbed(w->worker);
}

void
oracle_at_end(bool log_failed)
{
	for (const struct request *r = requests(); r != NULL; r = r->next) {
		if (r->client == NULL)
			continue;
		who_was_heard_has_a_line(r);
		what_was_begun_has_a_line(r);
		if (r->n_lines != 0)
			attempts_are_told(r, &r->line);
		a_cut_answer_is_told_as_one(r);
		what_can_be_sent_again_is(r);
		if (!is_undisturbed(r))
			continue;
		what_came_before_the_end_is_served(r);
		if (log_failed)
			continue;
		nothing_ends_badly_without_a_reason(r);
		a_refusal_says_why(r);
	}
}
