/*
 * Oracles for dials, and for what is said to proxies on the way; see
 * oracle_road.h.
 */
#include "oracle_road.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "clock.h"
#include "history.h"
#include "http/connect.h"
#include "oracle_keys_own.h"
#include "proxy.h"
#include "setting_proxy.h"
#include "upstream/stream_fault.h"
#include "worker.h"

/* As in oracle_time.c. */
#define LATE		(2 * NS_PER_MS)

static const struct setting *
setting_of_road(const struct road *r)
{
	return worker_facts(r->worker)->setting;
}

static const struct conf_upstream *
upstream_of(const struct road *r)
{
	const struct conf *c = &setting_of_road(r)->conf;

	for (size_t i = 0; i < c->n_upstreams; i++) {
		if (strcmp(c->upstreams[i].host, r->conf.tls->host) == 0)
			return &c->upstreams[i];
	}
	finding("a dial to %s, which is no upstream", r->conf.tls->host);
}

static bool
has_proxy(const struct road *r)
{
	return upstream_of(r)->proxy.host != NULL;
}

static void
nothing_of_theirs_is_told(const char *why)
{
	must(strstr(why, PROXY_MARK) == NULL && strstr(why, KEY_MARK) == NULL,
	    "what a proxy says is told: %s", why);
}

/* -- TLS -- */

static void
it_goes_where_it_must(const struct road *r)
{
	const struct conf_upstream *u = upstream_of(r);
	bool proxied = has_proxy(r);

	must(strcmp(r->conf.host, proxied ? u->proxy.host :
	    u->connect_host) == 0 && r->conf.port == (proxied ?
	    u->proxy.port : u->connect_port), "a dial to %s goes to %s:%u",
	    u->host, r->conf.host, r->conf.port);
	must(proxied == (r->conf.preface != NULL), "a dial to %s knows of no "
	    "proxy, or of another's", u->host);
	must((r->conf.preface_tls != NULL) == (proxied && u->proxy.tls),
	    "a dial to %s speaks to its proxy in another way", u->host);
}

/* Not a byte more of its answer was taken. */
static void
there_is_a_tunnel(const struct road *r)
{
	const struct proxy_said said = proxy_said(r->wire);

	must(said.n == said.opens_at, "wire %u: there is no tunnel, and TLS "
	    "begins", r->wire->number);
}

void
oracle_on_tls(struct wire *w, const struct tls_client *c,
    const struct tls_sessions *sessions)
{
	const struct road *r = w->road;

	must(r != NULL && r->wire == w, "wire %u: is not dialled, and TLS "
	    "begins", w->number);
	it_goes_where_it_must(r);
	if (c == r->conf.preface_tls) {
		must(c->is_proxy && strcmp(c->host, r->conf.host) == 0,
		    "wire %u: its proxy is taken for another", w->number);
		must(w->tls == NULL && r->said == 0 && sessions == NULL,
		    "wire %u: its proxy is verified late", w->number);
		return;
	}
	must(c == r->conf.tls && !c->is_proxy && sessions == r->conf.sessions,
	    "wire %u: another's TLS", w->number);
	must((w->tls != NULL) == (r->conf.preface_tls != NULL),
	    "wire %u: TLS is not within that of its proxy", w->number);
	if (has_proxy(r))
		there_is_a_tunnel(r);
	w->sessions = sessions;
}

/* -- what is said to proxies -- */

static size_t
value_of(const struct road *r)
{
	size_t key = upstream_of(r)->proxy.key;

	return key == CONF_NONE ? CONF_NONE :
	    setting_of_road(r)->value_at[key];
}

static void
its_key_is_for_it(const struct road *r, size_t value)
{
	must(setting_value_is_for(value, r->conf.host), "wire %u: key %s went "
	    "to proxy %s", r->wire->number, setting_value_name(value),
	    r->conf.host);
}

/* Written by a rule as simple as the proxies of settings. */
static size_t
expected_words(const struct road *r, char *to, size_t size)
{
	const struct conf_upstream *u = upstream_of(r);
	size_t v = value_of(r);
	char field[256] = "";
	int n;

	if (v != CONF_NONE)
		(void)snprintf(field, sizeof(field), "Proxy-Authorization: "
		    "%s %.*s\r\n", setting_proxy_scheme(u),
		    TEXT_ARG(setting_value(v)));
	n = snprintf(to, size, "CONNECT %s:%u HTTP/1.1\r\nHost: %s:%u\r\n"
	    "%s\r\n", u->connect_host, u->connect_port, u->connect_host,
	    u->connect_port, field);
	return (size_t)n;
}

void
oracle_on_sent_early(const struct wire *w, struct text t)
{
	struct road *r = w->road;
	char words[512];
	size_t n;

	must(r != NULL && r->conf.preface != NULL, "wire %u: %zu bytes leave "
	    "before TLS", w->number, t.n);
	must(r->stage == ROAD_SPEAKS && (w->tls != NULL) ==
	    (r->conf.preface_tls != NULL), "wire %u: its proxy is told "
	    "something before it is its turn, or behind that", w->number);
	n = expected_words(r, words, sizeof(words));
	must(r->said + t.n <= n && memcmp(words + r->said, t.p, t.n) == 0,
	    "wire %u: its proxy is told something else", w->number);
	if (value_of(r) != CONF_NONE)
		its_key_is_for_it(r, value_of(r));
	r->said += t.n;
}

void	__real_connect_request(struct buf *, struct text, struct text);
void	__wrap_connect_request(struct buf *, struct text, struct text);

void
__wrap_connect_request(struct buf *out, struct text authority,
    struct text credential)
{
	const char *at = credential.n == 0 ? NULL : memmem(credential.p,
	    credential.n, KEY_MARK, sizeof(KEY_MARK) - 1);
	size_t v;

	oracle_on_connect();
	if (at != NULL) {
		v = setting_value_of(text_range(at,
		    credential.p + credential.n));
		must(v != CONF_NONE, "a proxy is told a key of nobody");
		must(!oracle_is_kept_from_proxies(v), "value %zu: is disabled "
		    "or expired, and a proxy is told it", v);
		values[v].sent++;
	}
	__real_connect_request(out, authority, credential);
}

/* -- what they answer -- */

static void
it_was_refused(const struct road *r, const struct proxy_said *said,
    const char *why)
{
	size_t v = value_of(r);
	char status[16];

	if (r->said == 0 && said->n == 0) {
		must(strstr(why, "not asked again yet") != NULL ||
		    (v != CONF_NONE && oracle_is_kept_from_proxies(v)),
		    "wire %u: its proxy is told nothing, and could have been",
		    r->wire->number);
		return;
	}
	must(said->n != said->opens_at, "wire %u: its tunnel is refused, and "
	    "is one", r->wire->number);
	(void)snprintf(status, sizeof(status), " %u", said->status);
	must(said->status == 0 || strstr(why, status) != NULL, "wire %u: its "
	    "proxy answered%s, and that is not told: %s", r->wire->number,
	    status, why);
}

void
oracle_on_told_by_proxy(const struct road *r, enum preface_end how,
    const char *why)
{
	const struct proxy_said said = proxy_said(r->wire);

	switch (how) {
	case PREFACE_END_DONE:
		there_is_a_tunnel(r);
		return;
	case PREFACE_END_REFUSED:
		it_was_refused(r, &said, why);
		break;
	case PREFACE_END_LOST:
		must(r->wire->peer_end != WIRE_OPEN, "wire %u: is lost, by "
		    "what is said, and is open", r->wire->number);
		break;
	}
	nothing_of_theirs_is_told(why);
}

/* -- ends -- */

static bool
may_try_again(enum road_event e)
{
	switch (e) {
	case ROAD_NO_CONNECTION:
	case ROAD_NO_OUTER_TLS:
	case ROAD_LOST:
	case ROAD_NO_TLS:
		return true;
	case ROAD_GOES_ON:
	case ROAD_NO_ADDRESS:
	case ROAD_NO_TUNNEL:
	case ROAD_VERIFIED:
		break;
	}
	return false;
}

void
oracle_on_second_try(const struct road *r)
{
	must(r->tries == 1, "a dial to %s tries again and again",
	    r->conf.tls->host);
	must(may_try_again(r->event), "a dial to %s tries again, though %s",
	    r->conf.tls->host, r->event == ROAD_NO_TUNNEL ? "its proxy "
	    "refused" : "it has no address, or no time");
}

/* The event that ended it: of its first try, if the second found nothing. */
static enum road_event
last_event(const struct road *r)
{
	return r->event == ROAD_GOES_ON && r->stage == ROAD_LOOKS_UP ?
	    r->before : r->event;
}

static bool
is_unreachable(enum road_event e)
{
	return e == ROAD_NO_ADDRESS || e == ROAD_NO_CONNECTION ||
	    e == ROAD_NO_OUTER_TLS || e == ROAD_NO_TUNNEL || e == ROAD_LOST;
}

/* Until when the present stage may last. */
static int64_t
deadline_of(const struct road *r)
{
	int64_t since = r->stage_ns, ms = r->conf.handshake_ms;

	switch (r->stage) {
	case ROAD_LOOKS_UP:
	case ROAD_CONNECTS:
		since = r->began_ns;
		ms = r->conf.connect_ms;
		break;
	case ROAD_SPEAKS:
		ms = upstream_of(r)->timeouts.tunnel;
		break;
	case ROAD_SHAKES_OUTER:
	case ROAD_SHAKES:
		break;
	}
	return since + ms * NS_PER_MS;
}

static bool
is_proxy_s_turn(const struct road *r)
{
	return r->stage == ROAD_SPEAKS || r->stage == ROAD_SHAKES_OUTER;
}

static void
result_is_true(const struct road *r, enum dial_result result)
{
	enum road_event e = last_event(r);
	const char *host = r->conf.tls->host;

	switch (result) {
	case DIAL_OK:
		must(e == ROAD_VERIFIED && strcmp(r->wire->host, host) == 0,
		    "a dial to %s ends well, and nobody was verified", host);
		break;
	case DIAL_UNREACHABLE:
		must(is_unreachable(e), "a dial to %s reached nobody, by what "
		    "is said", host);
		break;
	case DIAL_TLS:
		must(e == ROAD_NO_TLS, "a dial to %s failed at TLS, by what "
		    "is said", host);
		break;
	case DIAL_TIMEOUT:
	case DIAL_STALLED:
		must((result == DIAL_STALLED) == is_proxy_s_turn(r) &&
		    e == ROAD_GOES_ON && clock_now() >= deadline_of(r),
		    "a dial to %s lasts too long, by what is said", host);
		break;
	}
}

static void
it_was_tried_twice(const struct road *r, enum dial_result result)
{
	if ((result != DIAL_UNREACHABLE && result != DIAL_TLS) ||
	    !may_try_again(r->event) || r->tries == 2 ||
	    clock_now() >= r->began_ns + r->conf.connect_ms * NS_PER_MS)
		return;
	finding("a dial to %s was not tried once more", r->conf.tls->host);
}

void
oracle_on_dialled(const struct road *r, enum dial_result result,
    const char *why)
{
	result_is_true(r, result);
	it_was_tried_twice(r, result);
	nothing_of_theirs_is_told(why);
}

/* What keeps an upstream from being reached is not the upstream's fault. */
enum fault	__real_stream_fault_of_dial(enum dial_result);
enum fault	__wrap_stream_fault_of_dial(enum dial_result);

enum fault
__wrap_stream_fault_of_dial(enum dial_result result)
{
	enum fault fault = __real_stream_fault_of_dial(result);

	must(fault == (result == DIAL_TLS ? FAULT_UPSTREAM_TLS :
	    result == DIAL_TIMEOUT ? FAULT_UPSTREAM_TIMEOUT :
	    FAULT_UPSTREAM_UNREACHABLE), "a dial that failed by %d is told "
	    "by another fault", (int)result);
	return fault;
}

/* -- time -- */

void
oracle_roads_on_time(int64_t at)
{
	for (const struct road *r = roads(); r != NULL; r = r->next)
		must(at <= deadline_of(r) + LATE, "a dial to %s waits beyond "
		    "its deadline", r->conf.tls->host);
}
