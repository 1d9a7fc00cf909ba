/*
 * Requests that the upstream refuses: what it says of the key is noted and
 * told, and where it says that the key is invalid the request is tried once
 * more, with the next key of the route.  See call_parts.h.
 *
 * Nobody did what a request asked for that was answered 401, so any method may
 * be sent again, if all that was taken of its body is still there.  The answer
 * is held up for that only where there is another key, and where its head does
 * not say that it is about something else.  The second try waits for the quota
 * of its key as any request does: who waits in vain is told to come again,
 * which is of more use than that one of the keys was refused.
 */
#include "stats/counting.h"
#include "upstream/call_parts.h"

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
	call_suspect(s);
}

bool
call_wants_look(void *owner, const struct head *head)
{
	const struct call *s = owner;
	enum refusal why;

	if (head->status != 401 || call_other_key(s) == CONF_NONE)
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
	if (!refusal_is_of_key(why) || (key = call_other_key(s)) == CONF_NONE)
		return true;
	(void)call_learn(s, head);
	if (fields_find(&head->fields, FIELD_X_RATELIMIT_REMAINING) != NULL)
		call_note_quota(s, head);
	call_note_refusal(s, why);
	s->of.record->refused_key = s->of.record->key;
	call_try_again(s, key);
	return false;
}
