/*
 * The choice of a key; see keyring.h.
 */
#include "upstream/keyring.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"

#define DAY_S	86400

static bool
key_expired(const struct keyring *k, size_t key, int64_t now)
{
	int64_t expires = k->conf->keys[key].expires;
	int64_t told;

	if (stats_expiry(k->stats, key, &told))
		expires = told;
	return expires != CONF_NO_TIME && expires <= now;
}

static bool
expiry_is_doubtful(const struct keyring *k, size_t key, int64_t now)
{
	int64_t told;

	if (!stats_expiry(k->stats, key, &told))
		return false;
	if (stats_outlived(k->stats, key, told))
		return true;
	return told % DAY_S == 0 && now < told + DAY_S;
}

size_t
keyring_pick(const struct keyring *k, const struct conf_route *route,
    int64_t now)
{
	for (size_t i = 0; i < route->n_keys; i++) {
		if (!key_expired(k, route->keys[i], now))
			return route->keys[i];
	}
	for (size_t i = 0; i < route->n_keys; i++) {
		if (expiry_is_doubtful(k, route->keys[i], now))
			return route->keys[i];
	}
	return CONF_NONE;
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

struct keyring_expiry
keyring_learn(const struct keyring *k, size_t key, const char *upstream,
    const struct head *response, int64_t now)
{
	struct keyring_expiry e = { .result = EXPIRY_ABSENT };

	e.result = expiry_of(&response->fields, now, &e.seconds, &e.raw);
	if (e.result != EXPIRY_READ)
		return e;
	if (stats_note_expiry(k->stats, key, e.seconds))
		log_expiry(&k->conf->keys[key], upstream, e.seconds);
	if (response->status < 400 && e.seconds <= now)
		stats_note_outlived(k->stats, key, e.seconds);
	return e;
}
