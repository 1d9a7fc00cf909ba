/*
 * The key of a call, and the one that was tried before it; see call_parts.h.
 *
 * Whichever key it gets, and for whatever reason, it goes through go_on() with
 * it, and so through the gate of the key's quota.
 */
#include "stats/counting.h"
#include "stats/decided.h"
#include "upstream/call_parts.h"

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

void
call_carry(struct call *s, size_t key)
{
	struct stats *stats = s->caller->keyring.stats;

	if (s->carries == key)
		return;
	if (s->carries != CONF_NONE)
		stats_count_carried(stats, s->carries, false);
	if (key != CONF_NONE)
		stats_count_carried(stats, key, true);
	s->carries = key;
}

static void
use_key(struct call *s, size_t key)
{
	s->key = key;
	s->of.record->key = s->caller->conf->keys[key].name;
	s->of.record->shows_secret |= request_has(s->of.request,
	    pattern_table_get(s->caller->patterns, key));
}

static struct pool *
pool_of(const struct call *s)
{
	return upstreams_pool(s->caller->upstreams, s->of.route->upstream,
	    s->key);
}

/* -- the choice of the key -- */

static size_t
pick_key(const struct call *s, size_t except)
{
	const struct keyring *k = &s->caller->keyring;
	size_t key;

	if (s->of.probe)
		return keyring_only(k, s->of.route);
	key = keyring_pick(k, s->of.route, loop_boot(s->caller->loop), except);
	return key == CONF_NONE || except == CONF_NONE ||
	    (stats_key_off(k->stats, key) == 0 &&
	    keyring_allows(k, key, s->upstream->host)) ? key : CONF_NONE;
}

size_t
call_other_key(const struct call *s)
{
	if (s->tried != CONF_NONE || s->of.route->n_keys < 2 ||
	    !attempt_can_restart(&s->attempt))
		return CONF_NONE;
	return pick_key(s, s->key);
}

static void
offer_room(struct call *s)
{
	if (attempt_room(&s->attempt) != 0)
		s->of.events->room(s->of.owner);
}

/* One that was refused is not off; see keyring_why_none(). */
static void
lack_key(struct call *s)
{
	attempt_abort(&s->attempt, FAULT_KEY_UNAVAILABLE,
	    s->of.record->refused_key == NULL ?
	    keyring_why_none(&s->caller->keyring, s->of.route) :
	    "the upstream refused one, and no other serves");
}

static void go_on(struct call *, size_t key);

/*
 * It waited for the quota of its key, which may not be the one that serves any
 * more, as the parent tells in a moment.
 */
static void
call_on_quota(void *owner)
{
	struct call *s = owner;
	size_t key = pick_key(s, s->tried);

	if (key == CONF_NONE)
		lack_key(s);
	else if (key == s->key)
		attempt_start(&s->attempt, pool_of(s));
	else
		go_on(s, key);
	offer_room(s);
}

/*
 * With that key: once the quota of the key allows it, it gets a connection;
 * with the first and with each other that it is given.  Its attempt has not
 * begun, or was rewound.
 */
static void
go_on(struct call *s, size_t key)
{
	use_key(s, key);
	if (s->of.probe || s->upstream->quota == CONF_QUOTA_OFF ||
	    call_is_within_quota(s, call_on_quota))
		attempt_start(&s->attempt, pool_of(s));
}

void
call_choose_key(struct call *s)
{
	size_t key = pick_key(s, s->tried);

	if (key != CONF_NONE)
		go_on(s, key);
	else
		lack_key(s);
}

bool
call_keep_key(struct call *s)
{
	size_t key;

	if (stats_key_off(s->caller->keyring.stats, s->key) == 0)
		return true;
	key = pick_key(s, s->tried);
	if (key == s->key)
		return true;
	if (key != CONF_NONE) {
		attempt_rewind(&s->attempt);
		go_on(s, key);
	} else {
		lack_key(s);
	}
	return false;
}

void
call_try_again(struct call *s, size_t key)
{
	s->tried = s->key;
	attempt_rewind(&s->attempt);
	go_on(s, key);
	offer_room(s);
}

/*
 * The upstream may have done what it was asked for, so that only a request that
 * may be repeated (RFC 9110 section 9.2.2) survives the loss of its key.
 */
static void
lose_key_under_way(struct call *s)
{
	size_t key = method_is_idempotent(s->of.request->method) ?
	    call_other_key(s) : CONF_NONE;

	if (key != CONF_NONE)
		call_try_again(s, key);
	else
		attempt_abort(&s->attempt, FAULT_KEY_UNAVAILABLE,
		    "the key was disabled while it was in use");
}

void
call_obey(struct call *s)
{
	if (attempt_is_under_way(&s->attempt)) {
		if (keyring_is_disabled(&s->caller->keyring, s->key))
			lose_key_under_way(s);
		return;
	}
	if (attempt_is_waiting(&s->attempt)) {
		(void)call_keep_key(s);
	} else if (call_awaits_quota(s) &&
	    pick_key(s, s->tried) != s->key) {
		call_leave_quota(s);
		call_choose_key(s);
	}
	offer_room(s);
}

/* -- what responses tell -- */

struct keyring_expiry
call_learn(struct call *s, const struct head *head)
{
	const struct keyring *k = &s->caller->keyring;
	const struct caller_events *events = &s->caller->events;
	struct keyring_expiry e;

	e = keyring_learn(k, s->key, s->upstream->name, head, s->asked);
	if (e.learnt && events->learnt != NULL)
		events->learnt(events->owner);
	return e;
}
