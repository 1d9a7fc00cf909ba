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
#include "http/connect.h"
#include "policy/key_state.h"
#include "stats/counting.h"
#include "stats/decided.h"

struct tunnel {
	const struct conf *conf;
	const struct conf_upstream *upstream;
	struct tls_client *tls;
	struct stats *stats;
	const struct codec_limits *limits;
	struct preface preface;
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

static void *
tunnel_on_begin(void *ctx, struct buf *out, char *why, size_t why_size)
{
	const struct tunnel *t = ctx;
	size_t key = t->upstream->proxy.key;
	unsigned off;

	if (key == CONF_NONE) {
		ask(t, NULL, out);
		return connect_answer_new(t->limits);
	}
	off = key_off_for_proxy(stats_key_facts(t->stats, key));
	if (off != 0) {
		(void)snprintf(why, why_size, "the proxy's key '%s' is %s",
		    t->conf->keys[key].name,
		    key_state_name(key_state_of(off)));
		return NULL;
	}
	stats_count_use(t->stats, key, clock_wall() / NS_PER_S);
	ask(t, &t->conf->keys[key], out);
	return connect_answer_new(t->limits);
}

static enum preface_state
tunnel_on_input(void *state, const uint8_t *p, size_t n, char *why,
    size_t why_size)
{
	switch (connect_answer_input(state, p, n, why, why_size)) {
	case CONNECT_MORE:
		return PREFACE_MORE;
	case CONNECT_OPEN:
		return PREFACE_DONE;
	case CONNECT_FAILED:
		break;
	}
	return PREFACE_REFUSED;
}

static void
tunnel_on_end(void *state)
{
	connect_answer_free(state);
}

struct tunnel *
tunnel_new(const struct conf *conf, const struct conf_upstream *u,
    struct tls_client *tls, struct stats *stats,
    const struct codec_limits *limits)
{
	struct tunnel *t;

	if (u->proxy.host == NULL)
		return NULL;
	t = xcalloc(1, sizeof(*t));
	*t = (struct tunnel){
		.conf = conf, .upstream = u, .tls = tls, .stats = stats,
		.limits = limits,
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
