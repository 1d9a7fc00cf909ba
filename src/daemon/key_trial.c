/*
 * Keys before they serve; see key_trial.h.
 */
#include "daemon/key_trial.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"

/* Less than a reload may take. */
#define MOST_NS		(10 * NS_PER_S)

struct tried {
	size_t key, upstream;		/* indices into the configuration */
	struct key_question asked;	/* its worker is 0 once it is over */
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

static void
add(struct key_trial *t, size_t key, size_t upstream)
{
	if (t->of.is_known(t->of.owner, number_of(t, key)) ||
	    has(t, key, upstream))
		return;
	t->v = xreallocarray(t->v, t->n + 1, sizeof(*t->v));
	t->v[t->n++] = (struct tried){ .key = key, .upstream = upstream };
}

static void
judge(struct key_trial *t, const struct tried *one, enum key_answer answer)
{
	const struct conf *conf = t->of.conf;
	const struct conf_key *key = &conf->keys[one->key];
	const char *upstream = conf->upstreams[one->upstream].name;

	if (answer == KEY_UNCLEAR)
		log_warn("key %s was not tried before it serves: upstream %s "
		    "said nothing clear of it", key->name, upstream);
	if (answer == KEY_ASTRAY)
		log_warn("key %s was not tried before it serves: upstream %s "
		    "refuses the path %s: set its probe_path to a GET that "
		    "needs a valid key", key->name, upstream,
		    conf->upstreams[one->upstream].probe_path);
	if (answer != KEY_REJECTED)
		return;
	if (conf->expiry.try_new == CONF_TRY_WARN)
		log_warn("key %s serves now, and upstream %s rejects it",
		    key->name, upstream);
	else if (t->failure == NULL)
		t->failure = xasprintf("%s:%u: key %s: upstream %s rejects "
		    "it; try = \"warn\" of expiry takes it anyway",
		    key->where.file, key->where.line, key->name, upstream);
}

static void
end(struct key_trial *t, struct tried *one, enum key_answer answer)
{
	one->asked.worker = 0;
	t->n_left--;
	judge(t, one, answer);
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
			add(t, route->keys[j], route->upstream);
	}
	t->n_left = t->n;
	for (size_t i = 0; i < t->n; i++) {
		struct tried *one = &t->v[i];

		one->asked = of->ask(of->owner, number_of(t, one->key),
		    of->numbers->upstreams[one->upstream]);
		if (one->asked.worker == 0)
			end(t, one, KEY_UNCLEAR);
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

void
key_trial_heard(struct key_trial *t, const struct key_question *question,
    enum key_answer answer)
{
	for (size_t i = 0; i < t->n; i++) {
		if (key_question_is(&t->v[i].asked, question))
			end(t, &t->v[i], answer);
	}
}

bool
key_trial_is_over(struct key_trial *t, int64_t now)
{
	for (size_t i = 0; i < t->n && now >= t->until; i++) {
		if (t->v[i].asked.worker != 0)
			end(t, &t->v[i], KEY_UNCLEAR);
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
