/*
 * Whether a key can be revoked; see key_revoke.h.
 */
#include "policy/key_revoke.h"

enum key_stand
key_stand(const struct key_line *l)
{
	if (l->serving == SIZE_MAX)
		return KEY_STAND_ALONE;
	if (l->is_same)
		return KEY_STAND_SERVES;
	if (l->serving_off)
		return KEY_STAND_BRIEF;
	return l->off || l->its < l->serving ? KEY_STAND_BEHIND :
	    KEY_STAND_NEXT;
}

static enum key_revoke
judge_routes(enum key_stand worst)
{
	switch (worst) {
	case KEY_STAND_BEHIND:
		break;
	case KEY_STAND_NEXT:
		return KEY_REVOKE_NEXT;
	case KEY_STAND_BRIEF:
		return KEY_REVOKE_BRIEF;
	case KEY_STAND_ALONE:
		return KEY_REVOKE_ALONE;
	case KEY_STAND_SERVES:
		return KEY_REVOKE_SERVES;
	}
	return KEY_REVOKE_SAFE;
}

/* A clock that was set back makes the last use one of the future: not long. */
static bool
was_used_lately(int64_t last, int64_t now)
{
	return last != 0 && now - last < KEY_REVOKE_QUIET_S;
}

enum key_revoke
key_revoke_judge(const struct key_revoke_facts *f, int64_t now)
{
	enum key_revoke by_routes = judge_routes(f->worst);

	if (f->listed && by_routes != KEY_REVOKE_SAFE)
		return by_routes;
	if (f->of_proxy)
		return KEY_REVOKE_PROXY;
	if (f->running != 0)
		return KEY_REVOKE_RUNNING;
	if (f->old_workers)
		return KEY_REVOKE_OLD_WORKERS;
	if (was_used_lately(f->last_used, now))
		return KEY_REVOKE_LATELY;
	return f->listed ? KEY_REVOKE_SAFE : KEY_REVOKE_UNLISTED;
}

bool
key_revoke_is_safe(enum key_revoke r)
{
	return r == KEY_REVOKE_SAFE || r == KEY_REVOKE_UNLISTED;
}

bool
key_revoke_is_of_route(enum key_revoke r)
{
	return r == KEY_REVOKE_SERVES || r == KEY_REVOKE_ALONE ||
	    r == KEY_REVOKE_BRIEF || r == KEY_REVOKE_NEXT;
}

const char *
key_revoke_words(enum key_revoke r)
{
	static const char *const words[] = {
		[KEY_REVOKE_SAFE] = "other keys serve its routes, and nothing "
		    "was sent with it for a minute",
		[KEY_REVOKE_UNLISTED] = "no route lists it, and nothing is "
		    "sent with it",
		[KEY_REVOKE_SERVES] = "it serves route",
		[KEY_REVOKE_ALONE] = "no other key serves route",
		[KEY_REVOKE_BRIEF] = "only a key that is rejected or expired "
		    "itself serves route",
		[KEY_REVOKE_NEXT] = "it is the next key of route",
		[KEY_REVOKE_PROXY] = "it is the key for the proxy of an "
		    "upstream",
		[KEY_REVOKE_RUNNING] = "requests that carry it are under way",
		[KEY_REVOKE_OLD_WORKERS] = "workers of an older configuration, "
		    "which may use it, are not done",
		[KEY_REVOKE_LATELY] = "it was used within the last minute",
	};

	return words[r];
}
