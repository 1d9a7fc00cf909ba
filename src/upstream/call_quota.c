/*
 * A call and the quota of its key; see call_parts.h.
 */
#include "base/log.h"
#include "stats/quota.h"
#include "upstream/call_parts.h"
#include "upstream/ratelimit.h"

static void
call_on_spent(void *owner, unsigned retry_s)
{
	struct call *s = owner;

	s->of.record->retry_s = retry_s;
	attempt_fail(&s->attempt, FAULT_RATE_LIMITED,
	    "the quota of its key is spent");
}

bool
call_is_within_quota(struct call *s, void (*ready)(void *owner))
{
	struct caller *e = s->caller;
	struct quota_waiter *w = &s->waiter;
	enum quota_answer answer;
	unsigned retry_s;

	w->owner = s;
	w->route = (size_t)(s->of.route - e->conf->routes);
	w->key = s->key;
	w->ready = ready;
	w->failed = call_on_spent;
	answer = quota_queue_ask(e->quotas, w, &retry_s);
	if (answer == QUOTA_REFUSED)
		call_on_spent(s, retry_s);
	return answer == QUOTA_GO;
}

bool
call_awaits_quota(const struct call *s)
{
	return s->waiter.line != NULL;
}

void
call_leave_quota(struct call *s)
{
	quota_queue_leave(s->caller->quotas, &s->waiter);
}

/* -- use by others -- */

void
call_count_ended(struct call *s)
{
	if (s->counted != 0)
		foreign_use_ended(quota_foreign_use_of(
		    s->caller->keyring.stats, s->counted - 1));
	s->counted = 0;
}

void
call_count_sent(struct call *s)
{
	call_count_ended(s);
	s->counted = s->key + 1;
	foreign_use_sent(quota_foreign_use_of(s->caller->keyring.stats,
	    s->key));
}

static void
watch(const struct call *s, const struct ratelimit *r)
{
	const char *name = s->caller->conf->keys[s->key].name;

	if (!foreign_use_told(quota_foreign_use_of(s->caller->keyring.stats,
	    s->key), r->remaining, r->limit, loop_now(s->caller->loop)))
		return;
	log_key(&(struct log_key_event){
		.level = LOG_LEVEL_WARN,
		.action = "key-used-elsewhere",
		.key = name,
		.upstream = s->upstream->name,
	}, "key %s: its quota falls faster than requests are sent with it: "
	    "somebody else has this key, unless other keys share the quota",
	    name);
}

/* -- what is told -- */

void
call_note_quota(struct call *s, const struct head *response)
{
	struct ratelimit r;

	if (!ratelimit_of(&response->fields, &r))
		return;
	stats_note_quota(s->caller->keyring.stats, s->key, r.remaining,
	    r.limit, r.interval_s);
	if (s->upstream->foreign_use)
		watch(s, &r);
	if (s->upstream->quota == CONF_QUOTA_WAIT)
		quota_queue_tell(s->caller->quotas, s->key, &r,
		    s->of.record->upstream_began_ns);
}
