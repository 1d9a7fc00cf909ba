/*
 * Oracles for what is known of keys: it is known of the value, by workers of
 * all configurations that have it, whatever its place there.
 */
#include <string.h>

#include "base/clock.h"
#include "client.h"
#include "history.h"
#include "oracle.h"
#include "stats/decided.h"
#include "truth.h"
#include "worker.h"

/* A line has told the expiry of this value. */
static bool told[ALL_VALUES];

void
oracle_known_begin(void)
{
	memset(told, 0, sizeof(told));
}

void
oracle_on_told(const struct request *r, const struct line *l)
{
	const struct setting *s;
	char expires[TRUTH_TEXT];
	size_t value;

	if (l->expires[0] == '\0')
		return;
	must(r->key != CONF_NONE, "request %u: its line tells the expiry of "
	    "no key", r->number);
	s = worker_facts(client_wire(r->client)->worker)->setting;
	value = s->value_at[r->key];
	(void)truth_expires_text(value, expires);
	must(strcmp(l->expires, expires) == 0, "request %u: its line tells "
	    "another expiry than %s", r->number, expires);
	/* A failure that calls it over proves nothing. */
	if (l->status < 400 || truth_expires(value) > clock_wall() / NS_PER_S)
		told[value] = true;
}

void
oracle_on_known(const struct stats *stats, const struct setting *s)
{
	for (size_t i = 0; i < s->conf.n_keys; i++) {
		size_t value = s->value_at[i];
		int64_t expires;
		bool known = stats_expiry(stats, i, &expires);

		/* Or a probe was told of none, and counted more. */
		must(known || !told[value] ||
		    stats_key_believed_ns(stats, i) != 0,
		    "key %s (value %zu): its expiry was told, and is not "
		    "known", s->keys[i].name, value);
		must(!known || expires == truth_expires(value),
		    "key %s (value %zu): is said to expire at %lld",
		    s->keys[i].name, value, (long long)expires);
	}
}
