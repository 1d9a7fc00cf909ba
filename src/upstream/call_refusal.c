/*
 * Requests that the upstream refuses: what it says of the key is noted and
 * told, and where it says that the key is invalid the request is tried once
 * more, with the next key of the route.  See call_parts.h.
 *
 * Nobody did what a request asked for that was answered 401, so any method may
 * be sent again, if all that was taken of its body is still there.  The answer
 * is held up for that only where there is another key, and where its head does
 * not say that it is about something else.
 */
#include "base/clock.h"
#include "stats/counting.h"
#include "stats/decided.h"
#include "upstream/call_parts.h"

/* How often a worker tells of a key that it is suspect. */
#define TELL_EVERY	NS_PER_S

static void
suspect(struct call *s)
{
	struct caller *e = s->caller;
	int64_t now = loop_boot(e->loop), *told = &e->suspected_ns[s->key];

	if (e->events.suspect == NULL ||
	    (*told != 0 && now - *told < TELL_EVERY))
		return;
	*told = now;
	e->events.suspect(e->events.owner, s->key, s->of.route->upstream);
}

void
call_note_refusal(struct call *s, enum refusal why)
{
	struct stats *stats = s->caller->keyring.stats;

	if (why == REFUSAL_NONE)
		return;
	s->refusal = why;
	/* What a probe says is judged by who made it. */
	if (s->of.probe)
		return;
	s->of.record->diagnosis = refusal_words(why);
	stats_note_refusal(stats, s->key, why, s->asked);
	if (!refusal_is_of_key(why))
		return;
	stats_count_rejected(stats, s->key);
	suspect(s);
}

/* The key for the second try, or CONF_NONE. */
static size_t
other_key(const struct call *s)
{
	const struct keyring *k = &s->caller->keyring;
	size_t key;

	if (s->refused != CONF_NONE || s->of.route->n_keys < 2 ||
	    !attempt_can_restart(&s->attempt))
		return CONF_NONE;
	key = keyring_pick(k, s->of.route, loop_boot(s->caller->loop), s->key);
	/* What is off is at most good enough where there is nothing else. */
	return key != CONF_NONE && stats_key_off(k->stats, key) == 0 &&
	    keyring_allows(k, key, s->upstream->host) ? key : CONF_NONE;
}

bool
call_wants_look(void *owner, const struct head *head)
{
	const struct call *s = owner;
	enum refusal why;

	if (head->status != 401 || other_key(s) == CONF_NONE)
		return false;
	return !refusal_of_head(head, &why) || refusal_is_of_key(why);
}

bool
call_on_look(void *owner, const struct head *head, struct text body,
    bool whole)
{
	struct call *s = owner;
	enum refusal why = refusal_of(head, body,
	    loop_blocks(s->caller->loop));
	size_t key;

	(void)whole;
	if (!refusal_is_of_key(why) || (key = other_key(s)) == CONF_NONE)
		return true;
	(void)call_learn(s, head);
	if (fields_find(&head->fields, FIELD_X_RATELIMIT_REMAINING) != NULL)
		call_note_quota(s, head);
	call_note_refusal(s, why);
	s->refused = s->key;
	s->of.record->refused_key = s->of.record->key;
	call_use_key(s, key);
	attempt_restart(&s->attempt, call_pool(s));
	if (attempt_room(&s->attempt) != 0)
		s->of.events->room(s->of.owner);
	return false;
}
