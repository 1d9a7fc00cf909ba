/*
 * The choice of a key; see keyring.h.
 */
#include "upstream/keyring.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "policy/key_state.h"
#include "stats/decided.h"

/* How good a choice a key is; the lesser, the better. */
enum choice { USABLE, IN_DOUBT, IN_GRACE, UNUSABLE };

/* No other key of the route served after that one was rejected. */
static bool
was_last(const struct keyring *k, const struct conf_route *route, size_t key)
{
	int64_t at = stats_key_rejected_ns(k->stats, key);

	for (size_t i = 0; i < route->n_keys; i++) {
		if (!stats_key_is_same(k->stats, route->keys[i], key) &&
		    stats_key_off_ns(k->stats, route->keys[i]) > at)
			return false;
	}
	return true;
}

static enum choice
choice_of(const struct keyring *k, const struct conf_route *route, size_t key,
    int64_t now_boot)
{
	unsigned facts = stats_key_facts(k->stats, key);

	switch (facts & KEY_OFF) {
	case 0:
		return USABLE;
	case KEY_OFF_EXPIRED:
		if ((facts & KEY_DOUBTED) != 0)
			return IN_DOUBT;
		break;
	case KEY_OFF_REJECTED:
		if (!was_last(k, route, key))
			break;
		if (now_boot - stats_key_rejected_ns(k->stats, key) <
		    KEYRING_GRACE_NS)
			return IN_GRACE;
		break;
	default:
		break;
	}
	return UNUSABLE;
}

/*
 * Among those that are equally good: the one that was promoted last, or of
 * those that were rejected the last one, which may have been by mistake.
 */
static int64_t
rank_of(const struct keyring *k, size_t key, enum choice choice)
{
	if (choice == IN_GRACE)
		return stats_key_rejected_ns(k->stats, key);
	return stats_key_promoted(k->stats, key);
}

bool
keyring_is_disabled(const struct keyring *k, size_t key)
{
	return (stats_key_off(k->stats, key) & KEY_OFF_DISABLED) != 0;
}

unsigned
keyring_bars_way(const struct keyring *k, const struct conf_upstream *u)
{
	if (u->proxy.host == NULL || u->proxy.key == CONF_NONE)
		return 0;
	return key_off_for_proxy(stats_key_facts(k->stats, u->proxy.key));
}

bool
keyring_cuts_way(const struct keyring *k, const struct conf_upstream *u)
{
	return keyring_bars_way(k, u) == KEY_OFF_DISABLED;
}

size_t
keyring_pick(const struct keyring *k, const struct conf_route *route,
    int64_t now_boot, size_t except)
{
	const struct conf_upstream *u = &k->conf->upstreams[route->upstream];
	enum choice best = UNUSABLE;
	int64_t highest = 0;
	size_t picked = CONF_NONE;

	/* Most have no proxy, and are spared the call. */
	if (u->proxy.host != NULL && !k->keys_alone &&
	    keyring_bars_way(k, u) != 0)
		return CONF_NONE;
	for (size_t i = 0; i < route->n_keys; i++) {
		size_t key = route->keys[i];
		enum choice choice = choice_of(k, route, key, now_boot);
		int64_t rank = 0;

		if (choice > best || choice == UNUSABLE ||
		    (except != CONF_NONE &&
		    stats_key_is_same(k->stats, key, except)))
			continue;
		/* Among the keys of most routes there is nothing to choose. */
		if (route->n_keys > 1)
			rank = rank_of(k, key, choice);
		if (choice == best && rank <= highest)
			continue;
		best = choice;
		highest = rank;
		picked = key;
	}
	return picked;
}

size_t
keyring_only(const struct keyring *k, const struct conf_route *route)
{
	const struct conf_upstream *u = &k->conf->upstreams[route->upstream];

	assert(route->n_keys == 1);
	return keyring_is_disabled(k, route->keys[0]) ||
	    keyring_bars_way(k, u) != 0 ? CONF_NONE : route->keys[0];
}

const char *
keyring_why_none(const struct keyring *k, const struct conf_route *route)
{
	unsigned off = keyring_bars_way(k,
	    &k->conf->upstreams[route->upstream]);

	if (off != 0)
		return off == KEY_OFF_DISABLED ?
		    "the key of its proxy is disabled" :
		    "the key of its proxy is expired";
	for (size_t i = 0; i < route->n_keys; i++)
		off |= stats_key_off(k->stats, route->keys[i]);
	return key_off_words(off);
}

void
keyring_facts(const struct keyring *k, int64_t now_boot, unsigned *facts)
{
	const struct conf *conf = k->conf;
	const struct keyring keys = { .conf = conf, .stats = k->stats,
	    .keys_alone = true };

	for (size_t i = 0; i < conf->n_keys; i++)
		facts[i] = stats_key_facts(k->stats, i);
	for (size_t i = 0; i < conf->n_routes; i++) {
		const struct conf_route *route = &conf->routes[i];
		size_t serves = keyring_pick(&keys, route, now_boot,
		    CONF_NONE);

		for (size_t j = 0; j < route->n_keys; j++)
			facts[route->keys[j]] |= KEY_LISTED;
		if (serves != CONF_NONE)
			facts[serves] |= KEY_SERVES;
	}
}

bool
keyring_allows(const struct keyring *k, size_t key, const char *host)
{
	const struct conf_texts *hosts = &k->conf->keys[key].hosts;

	for (size_t i = 0; i < hosts->n; i++) {
		if (strcmp(hosts->v[i], host) == 0)
			return true;
	}
	return false;
}

static void
log_expiry(const struct conf_key *key, const char *upstream, int64_t expires)
{
	char when[CLOCK_TEXT];

	clock_format_s(when, expires);
	log_key(&(struct log_key_event){
		.level = LOG_LEVEL_INFO,
		.action = "key-expiration-seen",
		.key = key->name,
		.upstream = upstream,
		.expires = when,
	}, "key %s expires at %s", key->name, when);
}

/* A probe was told of its end lately: what others are told says less. */
static bool
is_believed(const struct keyring *k, size_t key)
{
	int64_t until = stats_key_believed_ns(k->stats, key);

	return until != 0 && clock_boot() < until;
}

static void
tell_unsteady(const struct keyring *k, size_t key, const char *upstream,
    int64_t expires)
{
	char when[CLOCK_TEXT];

	if (!stats_tell_unsteady(k->stats, key))
		return;
	clock_format_s(when, expires);
	log_warn("key %s: responses of upstream %s name more than one end, now "
	    "%s; until that stops, a change counts when a probe is told of it, "
	    "or every ten minutes", k->conf->keys[key].name, upstream, when);
}

struct keyring_expiry
keyring_learn(const struct keyring *k, size_t key, const char *upstream,
    const struct head *response, int64_t now, bool probe)
{
	struct keyring_expiry e = { .result = EXPIRY_ABSENT };
	enum stats_noted noted;

	e.result = expiry_of(&response->fields, now, &e.seconds, &e.raw);
	if (e.result != EXPIRY_READ)
		return e;
	e.suspect = !probe && e.seconds <= now && response->status >= 400;
	if (e.suspect || (!probe && is_believed(k, key)))
		return e;
	noted = stats_note_expiry(k->stats, key, e.seconds, probe);
	if (noted == STATS_UNSTEADY) {
		tell_unsteady(k, key, upstream, e.seconds);
		return e;
	}
	if (noted == STATS_NEWS) {
		log_expiry(&k->conf->keys[key], upstream, e.seconds);
		e.learnt = true;
	}
	return e;
}
