/*
 * Ways through proxies; see tunnel.h.  It knows the key and the words, not the
 * connection they go out on.
 */
#include "upstream/tunnel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/log.h"
#include "http/connect.h"
#include "policy/key_state.h"
#include "stats/counting.h"
#include "stats/decided.h"
#include "stats/proxies.h"

/* Proxy Authentication Required (RFC 9110 section 15.5.8). */
#define PROXY_REFUSES	407

struct tunnel {
	const struct conf *conf;
	const struct conf_upstream *upstream;
	struct proxy_gate *gate;
	uint64_t who;			/* asks there, see stats/proxies.h */
	struct tls_client *tls;
	struct stats *stats;
	const struct codec_limits *limits;
	struct preface preface;
};

/* One that is being made. */
struct asking {
	const struct tunnel *tunnel;
	int64_t since_ns;
	struct connect_answer *answer;
};

/*
 * A key of the scheme Basic is written as people have it, USER:PASSWORD, or as
 * it is sent, in base64, which has no colon (RFC 7617 section 2).
 */
static bool
is_to_be_encoded(const struct conf_key *key)
{
	return text_eq_nocase(text_of(conf_key_scheme(key)), TEXT("Basic")) &&
	    text_contains(secret_text(key->value), TEXT(":"));
}

/* The value of Proxy-Authorization. */
static struct secret *
credential(const struct conf_key *key)
{
	const char *scheme = conf_key_scheme(key);
	size_t before = strlen(scheme) + 1, n = secret_len(key->value);
	bool encode = is_to_be_encoded(key);
	struct secret *out = secret_new(before +
	    (encode ? BASE64_PADDED_LEN(n) : n));
	char *p = (char *)secret_bytes(out);

	memcpy(p, scheme, before - 1);
	p[before - 1] = ' ';
	if (encode)
		base64_encode_padded(secret_read(key->value), n, p + before);
	else
		memcpy(p + before, secret_read(key->value), n);
	return out;
}

static void
ask(const struct tunnel *t, const struct conf_key *key, struct buf *out)
{
	const struct conf_upstream *u = t->upstream;
	bool six = strchr(u->connect_host, ':') != NULL;
	struct secret *value = key != NULL ? credential(key) : NULL;
	char *authority = xasprintf("%s%s%s:%u", six ? "[" : "",
	    u->connect_host, six ? "]" : "", (unsigned)u->connect_port);

	connect_request(out, text_of(authority),
	    value != NULL ? secret_text(value) : TEXT(""));
	free(authority);
	secret_free(value);
}

static struct asking *
asking_new(const struct tunnel *t)
{
	struct asking *a = xcalloc(1, sizeof(*a));

	a->tunnel = t;
	a->since_ns = clock_monotonic();
	a->answer = connect_answer_new(t->limits);
	return a;
}

/* Whether the proxy may be asked, or else why not. */
static bool
may_ask(const struct tunnel *t, char *why, size_t why_size)
{
	size_t key = t->upstream->proxy.key;
	unsigned off = key == CONF_NONE ? 0 :
	    key_off_for_proxy(stats_key_facts(t->stats, key));

	if (off != 0)
		(void)snprintf(why, why_size, "the proxy's key '%s' is %s",
		    t->conf->keys[key].name,
		    key_state_name(key_state_of(off)));
	else if (!proxy_gate_pass(t->gate, t->who, clock_monotonic()))
		(void)snprintf(why, why_size, "the proxy answered 407 lately, "
		    "and is not asked again yet");
	else
		return true;
	return false;
}

static void *
tunnel_on_begin(void *ctx, struct buf *out, char *why, size_t why_size)
{
	const struct tunnel *t = ctx;
	size_t key = t->upstream->proxy.key;

	if (!may_ask(t, why, why_size))
		return NULL;
	if (key != CONF_NONE)
		stats_count_use(t->stats, key, clock_wall() / NS_PER_S);
	ask(t, key != CONF_NONE ? &t->conf->keys[key] : NULL, out);
	return asking_new(t);
}

/* Of all workers one tells it, when that begins. */
static void
note_refusal(const struct asking *a)
{
	const struct tunnel *t = a->tunnel;
	const struct conf_proxy *p = &t->upstream->proxy;

	if (!proxy_gate_refuse(t->gate, t->who, a->since_ns,
	    clock_monotonic()))
		return;
	if (p->key == CONF_NONE)
		log_warn("upstream %s: its proxy %s answered 407: it wants to "
		    "be told a key, see 'proxy_key'; it is asked again now and "
		    "then", t->upstream->name, p->url);
	else
		log_warn("upstream %s: its proxy %s answered 407: it refuses "
		    "key %s, and is asked again now and then; a new key is "
		    "tried at once when 'proxy_key' names it and a reload "
		    "brings it", t->upstream->name, p->url,
		    t->conf->keys[p->key].name);
}

static enum preface_state
tunnel_on_input(void *state, const uint8_t *p, size_t n, char *why,
    size_t why_size)
{
	const struct asking *a = state;

	switch (connect_answer_input(a->answer, p, n, why, why_size)) {
	case CONNECT_MORE:
		return PREFACE_MORE;
	case CONNECT_OPEN:
		proxy_gate_open(a->tunnel->gate, a->tunnel->who);
		return PREFACE_DONE;
	case CONNECT_FAILED:
		break;
	}
	if (connect_answer_status(a->answer) == PROXY_REFUSES)
		note_refusal(a);
	return PREFACE_REFUSED;
}

static void
tunnel_on_end(void *state)
{
	struct asking *a = state;

	connect_answer_free(a->answer);
	free(a);
}

struct tunnel *
tunnel_new(const struct conf *conf, size_t upstream, struct tls_client *tls,
    struct stats *stats, const struct codec_limits *limits)
{
	const struct conf_upstream *u = &conf->upstreams[upstream];
	struct tunnel *t;

	if (u->proxy.host == NULL)
		return NULL;
	t = xcalloc(1, sizeof(*t));
	*t = (struct tunnel){
		.conf = conf, .upstream = u, .tls = tls, .stats = stats,
		.limits = limits,
		.gate = stats_proxy_gate(stats, upstream),
		.who = stats_proxy_user(stats, conf, upstream),
		.preface = { .whose = "proxy", .begin = tunnel_on_begin,
		    .input = tunnel_on_input, .end = tunnel_on_end, .ctx = t },
	};
	return t;
}

void
tunnel_free(struct tunnel *t)
{
	free(t);
}

void
tunnel_lead(const struct tunnel *t, struct dial_conf *dial)
{
	if (t == NULL)
		return;
	dial->host = t->upstream->proxy.host;
	dial->port = t->upstream->proxy.port;
	dial->preface = &t->preface;
	dial->preface_tls = t->tls;
	dial->preface_ms = t->upstream->timeouts.tunnel;
}
