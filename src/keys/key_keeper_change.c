/*
 * The one place where what holds for a value changes; see key_keeper_parts.h.
 */
#include "base/clock.h"
#include "base/log.h"
#include "keys/key_keeper_parts.h"

static void
log_change(const struct key_value *v, enum key_event event, const char *more,
    const char *expires)
{
	log_key(&(struct log_key_event){
		.level = key_event_level(event),
		.action = key_event_action(event),
		.key = v->name,
		.expires = expires,
	}, "key %s %s%s%s", v->names, key_event_text(event),
	    more != NULL ? " " : "", more != NULL ? more : "");
}

unsigned
key_keeper_facts(const struct key_keeper *k, uint32_t key)
{
	return stats_decision(k->conf.memory, key).facts;
}

void
key_keeper_decide(struct key_keeper *k, uint32_t key, struct stats_decision d)
{
	stats_decide(k->conf.memory, key, d);
	k->changed = true;
}

/*
 * Later than all others, also than those that only what is kept knows of, as no
 * configuration had them since the start.
 */
static uint32_t
next_promotion(const struct key_keeper *k)
{
	uint32_t last = k->conf.store != NULL ?
	    key_store_promoted(k->conf.store) : 0;

	for (uint32_t i = 0; i < k->n; i++) {
		const struct stats_decision d = stats_decision(k->conf.memory,
		    i);

		last = d.promoted > last ? d.promoted : last;
	}
	return last < UINT32_MAX ? last + 1 : last;
}

/* 0 says that it is not known, also where the clock was never set. */
static int64_t
promoted_now(void)
{
	int64_t now = clock_wall() / NS_PER_S;

	return now > 0 ? now : 1;
}

/*
 * The one place where an event changes what holds for a value.  What happened
 * before, and holds again, says nothing of when it did.
 */
static void
apply(struct key_keeper *k, uint32_t key, enum key_event event, bool again)
{
	struct stats_decision d = stats_decision(k->conf.memory, key);
	bool was_off = (d.facts & KEY_OFF) != 0;

	d.facts = key_event_apply(event, d.facts);
	if (!was_off && (d.facts & KEY_OFF) != 0 && !again)
		d.off_ns = clock_boot();
	if (event == KEY_EVENT_REJECT)
		d.rejected_ns = clock_boot();
	if (event == KEY_EVENT_PROMOTE) {
		d.promoted = next_promotion(k);
		d.promoted_at = promoted_now();
	}
	key_keeper_decide(k, key, d);
}

void
key_keeper_change(struct key_keeper *k, uint32_t key, enum key_event event,
    const char *more, const char *expires)
{
	apply(k, key, event, false);
	if (!k->conf.quiet)
		log_change(&k->values[key], event, more, expires);
}

void
key_keeper_change_again(struct key_keeper *k, uint32_t key,
    enum key_event event)
{
	apply(k, key, event, true);
}
