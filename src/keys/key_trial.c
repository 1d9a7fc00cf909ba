/*
 * Keys before they serve; see key_trial.h.
 */
#include "keys/key_trial.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"

/* Less than a reload may take. */
#define MOST_NS		(10 * NS_PER_S)

struct tried {
	size_t key, upstream;		/* indices into the configuration */
	struct key_question asked;	/* its worker is 0 once it is over */
	struct key_said said;
	bool for_proxy;			/* the key is known, and goes to where
					   the proxy's is not */
};

struct key_trial {
	struct key_trial_of of;
	struct tried *v;
	size_t n, n_left;
	int64_t until;
	char *failure;
};

static uint32_t
number_of(const struct key_trial *t, size_t key)
{
	return t->of.numbers->keys[key];
}

/* Names of one value are one. */
static bool
has(const struct key_trial *t, size_t key, size_t upstream)
{
	for (size_t i = 0; i < t->n; i++) {
		if (t->v[i].upstream == upstream &&
		    number_of(t, t->v[i].key) == number_of(t, key))
			return true;
	}
	return false;
}

/* The key of the upstream's proxy, or CONF_NONE. */
static size_t
proxy_key(const struct key_trial *t, size_t upstream)
{
	const struct conf_proxy *p = &t->of.conf->upstreams[upstream].proxy;

	return p->host != NULL ? p->key : CONF_NONE;
}

/* One key is enough for it, whichever that is. */
static bool
wants_proxy_tried(const struct key_trial *t, size_t upstream)
{
	for (size_t i = 0; i < t->n; i++) {
		if (t->v[i].upstream == upstream)
			return false;
	}
	return proxy_key(t, upstream) != CONF_NONE &&
	    !t->of.is_proxy_known(t->of.owner, upstream);
}

static void
add(struct key_trial *t, size_t key, size_t route)
{
	size_t upstream = t->of.conf->routes[route].upstream;
	bool known = t->of.is_known(t->of.owner, route, number_of(t, key));

	if (has(t, key, upstream) ||
	    (known && !wants_proxy_tried(t, upstream)))
		return;
	t->v = xreallocarray(t->v, t->n + 1, sizeof(*t->v));
	t->v[t->n++] = (struct tried){ .key = key, .upstream = upstream,
	    .for_proxy = known };
}

/* Nobody was there to ask it, or did in time. */
static const struct key_said unasked = { .answer = KEY_UNCLEAR };
static const struct key_said late = { .answer = KEY_UNCLEAR,
    .fault = FAULT_UPSTREAM_TIMEOUT };

/* It was not tried then. */
static bool
proxy_refuses(const struct key_trial *t, const struct tried *one)
{
	return one->said.answer == KEY_UNCLEAR &&
	    one->said.fault != FAULT_NONE &&
	    proxy_key(t, one->upstream) != CONF_NONE &&
	    t->of.proxy_refuses(t->of.owner, one->upstream);
}

static void
judge(struct key_trial *t, const struct tried *one)
{
	const struct conf *conf = t->of.conf;
	const struct conf_key *key = &conf->keys[one->key];

	if (t->failure != NULL || conf->expiry.try_new == CONF_TRY_WARN)
		return;
	if (proxy_refuses(t, one)) {
		key = &conf->keys[proxy_key(t, one->upstream)];
		t->failure = xasprintf("%s:%u: key %s: the proxy of upstream "
		    "%s refuses it (407); try = \"warn\" of expiry takes it "
		    "anyway", key->where.file, key->where.line, key->name,
		    conf->upstreams[one->upstream].name);
	} else if (one->said.answer == KEY_REJECTED && !one->for_proxy)
		t->failure = xasprintf("%s:%u: key %s: upstream %s rejects "
		    "it; try = \"warn\" of expiry takes it anyway",
		    key->where.file, key->where.line, key->name,
		    conf->upstreams[one->upstream].name);
}

static void
end(struct key_trial *t, struct tried *one, const struct key_said *said)
{
	one->asked.worker = 0;
	one->said = *said;
	t->n_left--;
	judge(t, one);
}

static void
warn_of_unclear(const struct conf_key *key, const char *upstream,
    const struct key_said *said, struct conf_diagnostics *out)
{
	struct buf why;

	if (said->fault == FAULT_NONE && said->status != 0) {
		conf_warning(out, key->where.file, key->where.line,
		    "key %s was tried at upstream %s, and the answer was "
		    "unclear (%u): it neither accepts nor rejects the key; it "
		    "serves untried", key->name, upstream, said->status);
		return;
	}
	if (fault_status(said->fault) < 502) {
		conf_warning(out, key->where.file, key->where.line,
		    "no worker could try key %s at upstream %s: it serves "
		    "untried", key->name, upstream);
		return;
	}
	buf_init(&why, NULL);
	fault_message(said->fault, upstream, NULL, &why);
	conf_warning(out, key->where.file, key->where.line,
	    "%.*s, so key %s serves untried", TEXT_ARG(buf_text(&why)),
	    key->name);
	buf_release(&why);
}

static void
warn_of_key(const struct key_trial *t, const struct tried *one,
    struct conf_diagnostics *out)
{
	const struct conf *conf = t->of.conf;
	const struct conf_key *key = &conf->keys[one->key];
	const char *upstream = conf->upstreams[one->upstream].name;

	if (one->said.answer == KEY_UNCLEAR)
		warn_of_unclear(key, upstream, &one->said, out);
	else if (one->said.answer == KEY_ASTRAY)
		conf_warning(out, key->where.file, key->where.line,
		    "key %s was tried at upstream %s, and the answer was "
		    "unclear (%u): it refuses the path %s: set its probe_path "
		    "to a GET that needs a valid key; the key serves untried",
		    key->name, upstream, one->said.status,
		    conf->upstreams[one->upstream].probe_path);
	else if (one->said.answer == KEY_REJECTED &&
	    conf->expiry.try_new == CONF_TRY_WARN)
		conf_warning(out, key->where.file, key->where.line,
		    "key %s serves now, and upstream %s rejects it",
		    key->name, upstream);
}

/* Any answer of the API came through the proxy. */
static void
warn_of_proxy(const struct key_trial *t, const struct tried *one,
    struct conf_diagnostics *out)
{
	const struct conf *conf = t->of.conf;
	const struct conf_key *key =
	    &conf->keys[proxy_key(t, one->upstream)];
	const char *upstream = conf->upstreams[one->upstream].name;

	if (proxy_refuses(t, one))
		conf_warning(out, key->where.file, key->where.line,
		    "key %s serves now, and the proxy of upstream %s refuses "
		    "it (407)", key->name, upstream);
	else if (one->said.answer == KEY_UNCLEAR && one->said.status == 0)
		warn_of_unclear(key, upstream, &one->said, out);
}

void
key_trial_warn(const struct key_trial *t, struct conf_diagnostics *out)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct tried *one = &t->v[i];

		if (one->asked.worker != 0)
			continue;
		if (one->for_proxy || proxy_refuses(t, one))
			warn_of_proxy(t, one, out);
		else
			warn_of_key(t, one, out);
	}
}

struct key_trial *
key_trial_new(const struct key_trial_of *of, int64_t now)
{
	struct key_trial *t = xcalloc(1, sizeof(*t));
	const struct conf *conf = of->conf;

	t->of = *of;
	t->until = now + MOST_NS;
	for (size_t i = 0; i < conf->n_routes &&
	    conf->expiry.try_new != CONF_TRY_OFF; i++) {
		const struct conf_route *route = &conf->routes[i];

		for (size_t j = 0; j < route->n_keys; j++)
			add(t, route->keys[j], i);
	}
	t->n_left = t->n;
	for (size_t i = 0; i < t->n; i++) {
		struct tried *one = &t->v[i];

		one->asked = of->ask(of->owner, number_of(t, one->key),
		    of->numbers->upstreams[one->upstream]);
		if (one->asked.worker == 0)
			end(t, one, &unasked);
	}
	return t;
}

void
key_trial_free(struct key_trial *t)
{
	if (t == NULL)
		return;
	free(t->v);
	free(t->failure);
	free(t);
}

bool
key_trial_heard(struct key_trial *t, const struct key_question *question,
    const struct key_said *said)
{
	for (size_t i = 0; i < t->n; i++) {
		if (key_question_is(&t->v[i].asked, question)) {
			end(t, &t->v[i], said);
			return true;
		}
	}
	return false;
}

bool
key_trial_is_over(struct key_trial *t, int64_t now)
{
	for (size_t i = 0; i < t->n && now >= t->until; i++) {
		if (t->v[i].asked.worker != 0)
			end(t, &t->v[i], &late);
	}
	return t->n_left == 0;
}

int64_t
key_trial_until(const struct key_trial *t)
{
	return t->n_left == 0 ? INT64_MAX : t->until;
}

const char *
key_trial_failure(const struct key_trial *t)
{
	return t->failure;
}
