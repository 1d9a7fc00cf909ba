/*
 * Oracles for what is known of keys: it is known of the value, by workers of
 * all configurations that have it, whatever its place there.
 */
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "history.h"
#include "oracle.h"
#include "worker.h"

#define VALUES	(N_KEYS * N_VALUES)

/* A line has told the expiry of this value. */
static bool told[VALUES];

void
oracle_known_begin(void)
{
	memset(told, 0, sizeof(told));
}

void
oracle_on_told(const struct request *r, const struct line *l)
{
	const struct setting *s;
	char expires[32];
	size_t value;

	if (l->expires[0] == '\0')
		return;
	must(r->key != CONF_NONE, "request %u: its line tells the expiry of "
	    "no key", r->number);
	s = worker_facts(client_wire(r->client)->worker)->setting;
	value = setting_value_of(secret_text(s->keys[r->key].value));
	(void)snprintf(expires, sizeof(expires), SETTING_EXPIRES, value);
	must(strcmp(l->expires, expires) == 0, "request %u: its line tells "
	    "another expiry than %s", r->number, expires);
	told[value] = true;
}

void
oracle_on_known(const struct stats *stats, const struct setting *s)
{
	for (size_t i = 0; i < s->conf.n_keys; i++) {
		size_t value = setting_value_of(secret_text(s->keys[i].value));
		int64_t expires;
		bool known = stats_expiry(stats, i, &expires);

		must(known || !told[value], "key %s (value %zu): its expiry "
		    "was told, and is not known", s->keys[i].name, value);
		must(!known || expires == SETTING_EXPIRES_S + (int64_t)value,
		    "key %s (value %zu): is said to expire at %lld",
		    s->keys[i].name, value, (long long)expires);
	}
}
