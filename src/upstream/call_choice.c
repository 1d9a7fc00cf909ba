/*
 * Which key a call gets, and gets instead when that was switched off or
 * refused; see call_parts.h.
 *
 * Whichever it is, and for whatever reason, the call goes through go_on() with
 * it, and so through the gate of the key's quota.
 */
#include "stats/decided.h"
#include "upstream/call_parts.h"

static struct pool *
pool_of(const struct call *s)
{
	return upstreams_pool(s->caller->upstreams, s->of.route->upstream,
	    s->key);
}

/*
 * The key that serves it now, but for the value of except, or CONF_NONE.  For a
 * second try, which is where one is excepted, one that is off does not do: that
 * is good enough only where there is nothing else.
 */
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

/*
 * The key for what was not sent with the one that it has.  A second try that
 * lost its key goes with whichever serves, be it the one that was tried first:
 * the upstream's own answer is of more use than that no key is usable, which is
 * not so.
 */
static size_t
serving_key(const struct call *s)
{
	size_t key = pick_key(s, s->tried);

	return key == CONF_NONE && s->tried != CONF_NONE ?
	    pick_key(s, CONF_NONE) : key;
}

/*
 * The key for what was sent with the one that it has, which is off by now:
 * nothing of it is refused, so any that serves will do.  Where two were tried
 * there is no third, but the first one may still do.
 */
static size_t
key_instead(const struct call *s)
{
	if (!attempt_can_restart(&s->attempt))
		return CONF_NONE;
	if (s->tried == CONF_NONE)
		return pick_key(s, CONF_NONE);
	return stats_key_off(s->caller->keyring.stats, s->tried) == 0 ?
	    s->tried : CONF_NONE;
}

static void
offer_room(struct call *s)
{
	if (attempt_room(&s->attempt) != 0)
		s->of.events->room(s->of.owner);
}

/* A third one may be usable, by which it may not be tried. */
static void
lack_key(struct call *s)
{
	attempt_abort(&s->attempt, FAULT_KEY_UNAVAILABLE,
	    !s->of.probe && pick_key(s, CONF_NONE) != CONF_NONE ?
	    "both that it was sent with were switched off" :
	    keyring_why_none(&s->caller->keyring, s->of.route));
}

/*
 * With that key, of which its attempt knows nothing yet: once the quota of the
 * key allows it, it gets a connection.
 */
static void go_on(struct call *, size_t key);

/*
 * It waited for the quota of its key, which may not be the one that serves any
 * more, as the parent tells in a moment.
 */
static void
call_on_quota(void *owner)
{
	struct call *s = owner;
	size_t key = serving_key(s);

	if (key == CONF_NONE)
		lack_key(s);
	else if (key == s->key)
		attempt_start(&s->attempt, pool_of(s));
	else
		go_on(s, key);
	offer_room(s);
}

static void
go_on(struct call *s, size_t key)
{
	call_use_key(s, key);
	if (s->of.probe || s->upstream->quota == CONF_QUOTA_OFF ||
	    call_is_within_quota(s, call_on_quota))
		attempt_start(&s->attempt, pool_of(s));
}

/* Instead of the key that it had. */
static void
change_key(struct call *s, size_t key)
{
	attempt_rewind(&s->attempt);
	go_on(s, key);
}

void
call_choose_key(struct call *s)
{
	size_t key = serving_key(s);

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
	if (serving_key(s) == s->key)
		return true;
	/* It is sent again, for the connection had ended that it went by. */
	if (s->sent) {
		key = key_instead(s);
		s->tried = s->key;
	} else {
		key = serving_key(s);
	}
	if (key != CONF_NONE)
		change_key(s, key);
	else
		lack_key(s);
	return false;
}

void
call_try_again(struct call *s, size_t key)
{
	s->tried = s->key;
	change_key(s, key);
	offer_room(s);
}

/*
 * The upstream may have done what it was asked for, so that only a request that
 * may be repeated (RFC 9110 section 9.2.2) survives the loss of its key; unless
 * it was refused, which is what is looked at.
 */
static void
lose_key_under_way(struct call *s)
{
	size_t key = s->tried == CONF_NONE &&
	    (method_is_idempotent(s->of.request->method) ||
	    attempt_is_looking(&s->attempt)) ? key_instead(s) : CONF_NONE;

	if (key != CONF_NONE)
		call_try_again(s, key);
	else
		attempt_abort(&s->attempt, FAULT_KEY_UNAVAILABLE,
		    "the key was disabled while it was in use");
}

void
call_obey(struct call *s)
{
	const struct keyring *k = &s->caller->keyring;

	if ((attempt_is_waiting(&s->attempt) &&
	    keyring_bars_way(k, s->upstream) != 0) ||
	    (attempt_is_under_way(&s->attempt) &&
	    keyring_cuts_way(k, s->upstream))) {
		lack_key(s);
		return;
	}
	if (attempt_is_under_way(&s->attempt)) {
		if (keyring_is_disabled(k, s->key))
			lose_key_under_way(s);
		return;
	}
	if (attempt_is_waiting(&s->attempt)) {
		(void)call_keep_key(s);
	} else if (call_awaits_quota(s) &&
	    serving_key(s) != s->key) {
		call_leave_quota(s);
		call_choose_key(s);
	}
	offer_room(s);
}
