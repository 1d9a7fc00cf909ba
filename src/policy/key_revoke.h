/*
 * When a key can be revoked at the API and no request will notice.  Pure.
 *
 * It is safe when nothing is lost if that is done now: when another key serves
 * each of its routes, and it does not stand in line behind that one; when no
 * request that carries it is under way, no worker of an older configuration is
 * left which might send one, and a minute has passed since the last: what a
 * worker decided before it heard that another key serves is over by then.
 *
 * It is not said that it would never be used again.  A key that was left behind
 * by a promotion, and is not off, serves once more when the promoted one and
 * those between are off: who revokes it gives up that reserve.  All this is
 * about a value, under each of its names.
 */
#ifndef POLICY_KEY_REVOKE_H
#define POLICY_KEY_REVOKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a route that lists the value stands to it, the worst last. */
enum key_stand {
	KEY_STAND_BEHIND,	/* another serves, and has taken over from it,
				   or it is off */
	KEY_STAND_NEXT,		/* another serves, and it is in line behind */
	KEY_STAND_BRIEF,	/* another serves for a while, though it is off
				   itself: it takes over nothing */
	KEY_STAND_ALONE,	/* no other serves */
	KEY_STAND_SERVES,	/* it serves */
};

/*
 * By the places of the value and of the key that serves in the route's list:
 * what stands before the one that serves was left behind, as it was off or
 * another was promoted.
 */
struct key_line {
	size_t its, serving;		/* SIZE_MAX: none serves */
	bool is_same;			/* they are one value */
	bool off, serving_off;
};
enum key_stand	key_stand(const struct key_line *);

enum key_revoke {
	KEY_REVOKE_SAFE,
	KEY_REVOKE_UNLISTED,	/* safe: no route lists it */
	KEY_REVOKE_SERVES,	/* not, as of here */
	KEY_REVOKE_ALONE,
	KEY_REVOKE_BRIEF,
	KEY_REVOKE_NEXT,
	KEY_REVOKE_PROXY,	/* a proxy is sent it */
	KEY_REVOKE_RUNNING,
	KEY_REVOKE_OLD_WORKERS,
	KEY_REVOKE_LATELY,
};

struct key_revoke_facts {
	bool listed;			/* by a route */
	bool of_proxy;			/* an upstream has it as proxy_key */
	enum key_stand worst;		/* of those routes */
	bool old_workers;		/* some drain */
	uint64_t running;		/* requests that carry it */
	int64_t last_used;		/* seconds since 1970; 0: never */
};

/* How long nothing must have been sent with it. */
#define KEY_REVOKE_QUIET_S	60

/* now is seconds since 1970. */
enum key_revoke	key_revoke_judge(const struct key_revoke_facts *, int64_t now);

bool		key_revoke_is_safe(enum key_revoke);

/*
 * Why, in words; where that is about one route its name follows, see
 * key_revoke_is_of_route().
 */
const char	*key_revoke_words(enum key_revoke);
bool		 key_revoke_is_of_route(enum key_revoke);

#endif
