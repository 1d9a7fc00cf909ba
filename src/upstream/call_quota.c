/*
 * A call and the quota of its key; see call_parts.h.
 */
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
	enum quota_answer answer;
	unsigned retry_s;

	s->waiter = (struct quota_waiter){
		.owner = s,
		.route = (size_t)(s->of.route - e->conf->routes),
		.key = s->key,
		.ready = ready,
		.failed = call_on_spent,
	};
	answer = quota_queue_ask(e->quotas, &s->waiter, &retry_s);
	if (answer == QUOTA_REFUSED)
		call_on_spent(s, retry_s);
	return answer == QUOTA_GO;
}

void
call_note_quota(struct call *s, const struct head *response)
{
	struct ratelimit r;

	if (!ratelimit_of(&response->fields, &r))
		return;
	stats_note_quota(s->caller->keyring.stats, s->key, r.remaining,
	    r.limit, r.interval_s);
	if (s->upstream->quota == CONF_QUOTA_WAIT)
		quota_queue_tell(s->caller->quotas, s->key, &r,
		    s->of.record->upstream_began_ns);
}
