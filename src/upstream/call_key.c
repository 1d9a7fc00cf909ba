/*
 * The key that a call has, and the one that was tried before it; see
 * call_parts.h.
 */
#include "base/clock.h"
#include "stats/counting.h"
#include "upstream/call_parts.h"

/* How often a worker tells of a key that it is suspect. */
#define TELL_EVERY	NS_PER_S

struct secret_set
call_secrets(const struct call *s)
{
	struct pattern_table *t = s->caller->patterns;
	struct secret_set set = { .n = 0 };

	if (s->tried != CONF_NONE)
		set.v[set.n++] = pattern_table_get(t, s->tried);
	set.v[set.n++] = pattern_table_get(t, s->key);
	return set;
}

/* Whether the client knows a key, and has it where lines would show it. */
static bool
request_has(const struct head *request, const struct secret_patterns *ns)
{
	const struct field *agent = fields_find(&request->fields,
	    FIELD_USER_AGENT);
	const struct field *id = fields_find(&request->fields,
	    FIELD_X_REQUEST_ID);

	return secret_patterns_found(ns, request->method) ||
	    secret_patterns_found(ns, request->target) ||
	    (agent != NULL && secret_patterns_found(ns, agent->value)) ||
	    (id != NULL && secret_patterns_found(ns, id->value));
}

/* A key may look like an id. */
static bool
trace_has(const struct record *r, const struct secret_patterns *ns)
{
	return secret_patterns_found(ns, r->trace_id) ||
	    secret_patterns_found(ns, r->span_id);
}

void
call_leave_key(struct call *s)
{
	if (s->key != CONF_NONE)
		stats_count_carried(s->caller->keyring.stats, s->key, false);
	s->key = CONF_NONE;
}

void
call_use_key(struct call *s, size_t key)
{
	call_leave_key(s);
	stats_count_carried(s->caller->keyring.stats, key, true);
	s->key = key;
	s->sent = false;
	s->of.record->key = s->caller->conf->keys[key].name;
	s->of.record->shows_secret |= request_has(s->of.request,
	    pattern_table_get(s->caller->patterns, key));
	if (s->of.record->trace_id.n != 0)
		s->of.record->shows_secret |= trace_has(s->of.record,
		    pattern_table_get(s->caller->patterns, key));
}

void
call_suspect(struct call *s)
{
	struct caller *e = s->caller;
	int64_t now = loop_boot(e->loop), *told = &e->suspected_ns[s->key];

	if (e->events.suspect == NULL ||
	    (*told != 0 && now - *told < TELL_EVERY))
		return;
	*told = now;
	e->events.suspect(e->events.owner, s->key, s->of.route->upstream);
}

struct keyring_expiry
call_learn(struct call *s, const struct head *head)
{
	const struct keyring *k = &s->caller->keyring;
	const struct caller_events *events = &s->caller->events;
	struct keyring_expiry e;

	e = keyring_learn(k, s->key, s->upstream->name, head, s->asked,
	    s->of.probe);
	if (e.suspect)
		call_suspect(s);
	if (e.learnt && events->learnt != NULL)
		events->learnt(events->owner);
	return e;
}
