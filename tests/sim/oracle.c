/*
 * Oracles for what upstreams see; see oracle.h.
 */
#include "oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "client.h"
#include "clock.h"
#include "history.h"
#include "oracle_road.h"
#include "setting.h"
#include "worker.h"

/* -- a request at an upstream -- */

/* Of the generation that has the wire. */
static const struct conf *
conf_of(const struct wire *w)
{
	return &worker_facts(w->worker)->setting->conf;
}

static const struct conf *
conf_of_request(const struct request *r)
{
	return conf_of(client_wire(r->client));
}

static struct request *
request_of(const struct message *m)
{
	struct text t = TEXT("");
	struct request *r;

	must(message_count(m, "X-Sim") == 1 && message_field(m, "X-Sim", &t),
	    "a request that nobody made");
	r = request_of_number(strtoul(t.p, NULL, 10));
	must(r != NULL, "a request that nobody made");
	return r;
}

static void
it_may_pass(const struct request *r, const struct wire *w)
{
	must(w->worker == client_wire(r->client)->worker,
	    "request %u: sent by another worker", r->number);
	must(r->fault == NULL, "request %u: must be refused as %s, and went "
	    "upstream", r->number, r->fault);
	must(r->written >= r->head_n, "request %u: its head is not even "
	    "said", r->number);
}

static void
it_is_the_same(const struct request *r, const struct wire *w,
    const struct message *m)
{
	const struct conf_upstream *u =
	    &conf_of(w)->upstreams[r->route->upstream];
	struct text host = TEXT("");

	must(text_eq(message_word(m, 0), text_of(r->method)),
	    "request %u: another method", r->number);
	must(text_eq(message_word(m, 1), text_of(r->target)),
	    "request %u: target %.*s, not %s", r->number,
	    TEXT_ARG(message_word(m, 1)), r->target);
	must(message_count(m, "Host") == 1 &&
	    message_field(m, "Host", &host) &&
	    text_eq(host, text_of(u->authority)),
	    "request %u: another Host", r->number);
	must(strcmp(w->host, u->host) == 0,
	    "request %u: went to %s, not %s", r->number, w->host, u->host);
}

/* The value of the one field that holds a key. */
static struct text
key_value(const struct request *r, const struct message *m,
    const struct conf_key *key)
{
	bool own = key->field != NULL;
	struct text t = TEXT("");

	must(message_count(m, "Authorization") == !own,
	    "request %u: %u of Authorization", r->number,
	    message_count(m, "Authorization"));
	if (own) {
		must(message_count(m, "X-Own-Key") == 1 &&
		    message_count(m, "X-Own_Key") == 0,
		    "request %u: another's field of the key", r->number);
		(void)message_field(m, "X-Own-Key", &t);
		return t;
	}
	(void)message_field(m, "Authorization", &t);
	must(text_starts_with(t, TEXT("ApiKey ")), "request %u: no scheme",
	    r->number);
	return text_range(t.p + 7, t.p + t.n);
}

/*
 * Which of the heads that left it is.  Some do not come, and one that was cut
 * with its key may come behind the next one, by a slower wire.
 */
static unsigned
nth_of(struct request *r, const struct wire *w, const struct message *m)
{
	const struct conf *c = conf_of(w);

	for (unsigned i = 0; i < r->n_sent; i++) {
		const struct conf_key *key = &c->keys[r->sent[i].key];
		struct text t = TEXT("");

		if (r->sent[i].came || !message_field(m, key->field != NULL ?
		    "X-Own-Key" : "Authorization", &t) ||
		    t.n < SETTING_VALUE_N || !text_eq(text_range(t.p + t.n -
		    SETTING_VALUE_N, t.p + t.n), secret_text(key->value)))
			continue;
		r->sent[i].came = true;
		return i;
	}
	finding("request %u: came upstream with a key that did not leave",
	    r->number);
}

/* The upstream closed the connection without a byte of an answer. */
static bool
was_not_heard(const struct attempt *t)
{
	return t->reused && (t->after_lie || t->wire->handed <= t->before);
}

/* Not even one of the same name that another configuration has. */
static void
key_goes_to_its_host_only(const struct request *r, struct wire *w,
    const struct message *m, const struct conf_key *key)
{
	struct text said = key_value(r, m, key);
	size_t value = setting_value_of(said);

	must(value != CONF_NONE, "request %u: no key of ours", r->number);
	must(setting_value_is_for(value, w->host),
	    "request %u: key %s went to %s", r->number,
	    setting_value_name(value), w->host);
	must(w->key == CONF_NONE || w->key == value,
	    "wire %u: carries two keys", w->number);
	w->key = value;
}

/* A session may only be resumed for the same host and the same key. */
static void
sessions_are_of_one_key(const struct wire *w)
{
	for (const struct wire *o = wires(); o != NULL; o = o->next) {
		if (o->sessions != w->sessions || o->worker != w->worker ||
		    o->key == CONF_NONE)
			continue;
		must(o->key == w->key && strcmp(o->host, w->host) == 0,
		    "wires %u and %u: one store of sessions", w->number,
		    o->number);
	}
}

static size_t
count(struct text t, const char *what)
{
	size_t n = 0, len = strlen(what);
	const char *end = t.p + t.n, *p = t.p;

	while ((p = memmem(p, (size_t)(end - p), what, len)) != NULL) {
		p += len;
		n++;
	}
	return n;
}

static void
what_stays_here_stays(const struct request *r, const struct wire *w,
    const struct message *m)
{
	static const char *const names[] = { "Connection", "Keep-Alive", "TE",
	    "Upgrade", "Proxy-Authorization", "X-Hop", "Trailer",
	    "es-security-runas-user" };
	const struct conf_upstream *u =
	    &conf_of(w)->upstreams[r->route->upstream];
	struct text t = TEXT("");
	size_t secrets = count(buf_text(&m->head), "CLIENTSECRET");

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		must(message_count(m, names[i]) == 0,
		    "request %u: %s went upstream", r->number, names[i]);
	must(secrets == (r->cookie_passes ? message_count(m, "Cookie") : 0),
	    "request %u: the client's own credential went upstream",
	    r->number);
	if (u->accept_encoding == CONF_ENCODING_IDENTITY)
		must(message_count(m, "Accept-Encoding") == 1 &&
		    message_field(m, "Accept-Encoding", &t) &&
		    text_eq(t, TEXT("identity")),
		    "request %u: encodings are offered", r->number);
}

/*
 * Another key may be tried: the one before was refused, or disabled.  Or the
 * same again, where it was picked once more for that other one (oracle_pick.c).
 */
static bool
lost_its_key(const struct request *r, const struct attempt *last,
    const struct wire *w)
{
	if (last->value == w->key && !r->came_back)
		return false;
	return last->refuses || ((r->idempotent || last->status == 401) &&
	    oracle_was_disabled_since(last->value, last->sent_ns));
}

/*
 * Once if the upstream closed the connection without a byte of an answer and
 * the request may be repeated; once with another key, if nobody did what was
 * asked for as the one before was called invalid, or may be repeated and it was
 * disabled; and always only if all of the body was kept.
 */
static void
it_may_be_sent_again(struct request *r, const struct wire *w)
{
	const struct attempt *last = request_last(r);
	bool retry = r->idempotent && was_not_heard(last);
	bool other = lost_its_key(r, last, w);

	must(retry || other, "request %u: a %s is sent again, and nothing had "
	    "happened to it", r->number, r->method);
	must(last->body <= conf_of_request(r)->limits.replay, "request %u: "
	    "sent again though its body outgrew what is kept", r->number);
	r->n_retries += !other;
	r->n_others += !retry;
	r->n_again++;
	must(r->n_retries <= 1 && r->n_others <= 1 && r->n_again <= 2,
	    "request %u: is sent again and again", r->number);
}

/* A request that can be sent only once is not sent on an ended connection. */
void
oracle_on_sent(const struct wire *w, bool news, struct text t)
{
	bool once = text_starts_with(t, TEXT("POST ")) ||
	    text_starts_with(t, TEXT("PATCH "));

	must(!w->upstream || !news || !once, "wire %u: a request that cannot "
	    "be sent again, though it had ended", w->number);
	if (w->upstream && w->link == NULL)
		oracle_on_sent_early(w, t);
	else if (w->upstream)
		oracle_on_key_sent(w, t);
	else
		client_takes(w, t);
}

/* It came behind the one that was sent after it. */
static void
it_was_given_up(const struct request *r, const struct wire *w, unsigned nth)
{
	must(r->idempotent && oracle_was_disabled_since(w->key,
	    r->sent[nth].at), "request %u: was sent twice, and nobody had cut "
	    "it with its key", r->number);
}

static void
came(struct request *r, struct wire *w, unsigned nth)
{
	r->attempts[r->n_attempts] = (struct attempt){ .wire = w,
	    .value = w->key, .nth = nth, .sent_ns = r->sent[nth].at,
	    .came_boot_ns = clock_boot(), .next_key = CONF_NONE };
	buf_init(&r->attempts[r->n_attempts++].said, NULL);
	history("request %u: came upstream by wire %u, with value %zu",
	    r->number, w->number, w->key);
}

/* A probe, which is a request of nobody with some key of its worker's. */
static struct request *
on_probe(struct wire *w, const struct message *m)
{
	const struct setting *s = worker_facts(w->worker)->setting;
	struct request *r = request_of_nobody();
	const struct conf_key *key = NULL;
	struct text t = TEXT("");

	must(text_eq(message_word(m, 0), TEXT("GET")) &&
	    text_eq(message_word(m, 1), TEXT(SETTING_PROBE)),
	    "a request that nobody made");
	for (size_t i = 0; i < s->conf.n_keys && key == NULL; i++) {
		if (message_field(m, s->keys[i].field != NULL ? "X-Own-Key" :
		    "Authorization", &t) && t.n >= SETTING_VALUE_N &&
		    text_eq(text_range(t.p + t.n - SETTING_VALUE_N,
		    t.p + t.n), secret_text(s->keys[i].value)))
			key = &s->keys[i];
	}
	must(key != NULL, "a probe with no key of its worker");
	key_goes_to_its_host_only(r, w, m, key);
	sessions_are_of_one_key(w);
	came(r, w, 0);
	return r;
}

struct request *
oracle_on_request(struct wire *w, const struct message *m)
{
	struct request *r;
	unsigned nth;

	if (message_count(m, "X-Sim") == 0)
		return on_probe(w, m);
	r = request_of(m);
	it_may_pass(r, w);
	it_is_the_same(r, w, m);
	nth = nth_of(r, w, m);
	key_goes_to_its_host_only(r, w, m,
	    &conf_of(w)->keys[r->sent[nth].key]);
	sessions_are_of_one_key(w);
	what_stays_here_stays(r, w, m);
	oracle_on_trace(r, m);
	if (r->n_attempts != 0 && nth < request_last(r)->nth)
		it_was_given_up(r, w, nth);
	else if (r->n_attempts != 0)
		it_may_be_sent_again(r, w);
	w->serves = client_wire(r->client);
	came(r, w, nth);
	return r;
}

void
oracle_on_request_end(const struct request *r, struct attempt *t)
{
	uint64_t most;

	t->whole = true;
	if (r->client == NULL)
		return;
	most = conf_of_request(r)->limits.body;
	must(t->body == r->body_n && r->written == buf_len(&r->bytes),
	    "request %u: looks whole upstream after %llu of %llu bytes",
	    r->number, (unsigned long long)t->body,
	    (unsigned long long)r->body_n);
	must(most == 0 || r->body_n <= most, "request %u: its body is larger "
	    "than may be", r->number);
}
