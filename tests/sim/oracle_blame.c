/*
 * Oracles for time that ran out: it was the turn of the peer that is blamed, in
 * the moment when it is (-Wl,--wrap).
 */
#include <string.h>

#include "base/clock.h"
#include "client.h"
#include "client/exchange.h"
#include "clock.h"
#include "history.h"
#include "oracle.h"
#include "oracle_keys_own.h"
#include "oracle_way.h"
#include "setting.h"
#include "worker.h"

/* More than the time until the program notices what a peer did. */
#define NOTICED		NS_PER_S

void	__real_exchange_fault(struct exchange *, enum fault, const char *);
void	__wrap_exchange_fault(struct exchange *, enum fault, const char *);

static bool
is_still(const struct wire *w)
{
	return clock_now() - w->moved_ns > NOTICED;
}

/* Nothing that the peer sent lies there, and has for long. */
static void
what_came_was_read(const struct request *r, const struct wire *w)
{
	must(buf_len(&w->in) == 0 || !is_still(w), "request %u: time ran out, "
	    "and nobody read what came by wire %u", r->number, w->number);
}

/* -- the client -- */

static bool
is_sent(const struct request *r)
{
	return r->written == buf_len(&r->bytes);
}

static void
the_client_had_to_send(const struct request *r)
{
	const struct wire *w = client_wire(r->client);

	must(!is_sent(r) || w->handed < r->began_at + r->written,
	    "request %u: all of it came, and its time ran out", r->number);
	what_came_was_read(r, w);
}

static void
the_client_had_to_read(const struct request *r)
{
	const struct wire *w = client_wire(r->client);

	must(w->peer_closed || wire_readable(w) != 0 ||
	    clock_now() - w->read_ns <= NOTICED, "request %u: its client does "
	    "not read, by what is said, and has read all", r->number);
}

/* -- the upstream -- */

/*
 * All that the client sent is there, and there is more to come.  Before the
 * body has begun the client may wait for a 100.
 */
static bool
waits_for_the_client(const struct request *r, const struct attempt *last)
{
	const struct wire *client = client_wire(r->client);
	const struct wire *upstream = last->wire;

	return !is_sent(r) && (!r->expects || last->body != 0) &&
	    client->handed == client->written && is_still(client) &&
	    upstream->read == upstream->taken && is_still(upstream);
}

static bool
has_answered(const struct attempt *t)
{
	return t->worth == WORTH_WHOLE && !t->after_lie && t->said_ns != 0 &&
	    t->wire->peer_end == WIRE_OPEN &&
	    t->wire->handed == t->wire->written;
}

static void
it_was_the_upstream_s_turn(const struct request *r, const struct exchange *x)
{
	const struct attempt *last;

	if (r->n_attempts == 0 || r->n_attempts != x->record.attempts)
		return;
	last = request_last(r);
	/* It may wait for a connection of the next key. */
	if (last->wire->link == NULL || x->record.refused_key != NULL)
		return;
	must(!has_answered(last), "request %u: its answer came, and the "
	    "upstream's time ran out", r->number);
	must(!waits_for_the_client(r, last), "request %u: the "
	    "upstream's time ran out while the client had to send",
	    r->number);
	what_came_was_read(r, last->wire);
}

/* -- keys -- */

/* Some of an answer may have come. */
static bool
answer_began(const struct request *r)
{
	const struct attempt *last;

	if (r->n_attempts == 0)
		return false;
	last = request_last(r);
	return last->wire->handed > last->before;
}

/* Its proxy would be told a key that was switched off, or is over. */
static bool
is_barred(const struct setting *s, const struct request *r)
{
	const struct conf_proxy *p = &s->upstreams[r->route->upstream].proxy;

	return p->host != NULL && p->key != CONF_NONE &&
	    oracle_is_kept_from_proxies(s->value_at[p->key]);
}

/*
 * The route has none, or only one that is not for its host; or the one that was
 * in use was switched off, and some of the body is lost.  Or nobody can be
 * reached by it.
 */
static void
there_was_no_key(const struct request *r)
{
	const struct setting *s =
	    worker_facts(client_wire(r->client)->worker)->setting;
	size_t key = oracle_key(s, r->route, CONF_NONE);

	if (is_barred(s, r) || key == CONF_NONE ||
	    !setting_value_is_for(s->value_at[key],
	    s->upstreams[r->route->upstream].host))
		return;
	must(r->key != CONF_NONE && oracle_key_is_off(s, r->key),
	    "request %u: has no key, by what is said, and there is %s",
	    r->number, s->keys[key].name);
	must(!r->tried || r->sent[r->n_sent - 1].key == r->key, "request %u: "
	    "its second key was switched off before it was sent, and there is "
	    "%s", r->number, s->keys[key].name);
	must(!r->idempotent || r->tried || r->body_n > s->conf.limits.replay ||
	    r->n_sent == 0 || answer_began(r) || oracle_second_key(s,
	    r->route, s->value_at[r->key]) == CONF_NONE, "request %u: its key "
	    "was disabled, and no other one tried", r->number);
}

/* -- certificates -- */

/* What clients prove may be good for less than their connection. */
static void
the_client_may_not_come(const struct request *r)
{
	must((r->fault != NULL && strcmp(r->fault, "client_refused") == 0) ||
	    oracle_is_over(client_wire(r->client)), "request %u: its client "
	    "is refused, and may come", r->number);
}

/* -- faults -- */

static struct request *
request_of(const struct exchange *x)
{
	struct text id = x->record.request_id;
	uint64_t n;

	return text_starts_with(id, TEXT("r")) &&
	    text_parse_u64(text_range(id.p + 1, id.p + id.n), UINT32_MAX,
	    &n) ? request_of_number(n) : NULL;
}

static void
judge(const struct exchange *x, enum fault fault)
{
	const struct request *r = request_of(x);

	if (r == NULL)
		return;
	if (fault == FAULT_CLIENT_STALLED)
		the_client_had_to_read(r);
	else if (exchange_is_over(x))
		return;
	else if (fault == FAULT_REQUEST_TIMEOUT)
		the_client_had_to_send(r);
	else if (fault == FAULT_UPSTREAM_TIMEOUT)
		it_was_the_upstream_s_turn(r, x);
	else if (fault == FAULT_KEY_UNAVAILABLE)
		there_was_no_key(r);
	else if (fault == FAULT_CLIENT_REFUSED)
		the_client_may_not_come(r);
}

void
__wrap_exchange_fault(struct exchange *x, enum fault fault, const char *detail)
{
	judge(x, fault);
	__real_exchange_fault(x, fault, detail);
}
