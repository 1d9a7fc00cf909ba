/*
 * What is known and was decided of the keys of a configuration, for pages:
 * their states, and which can be revoked.  All of it is about a key's value, so
 * that names of one value have the same.
 */
#ifndef PAGES_ADMIN_KEYS_H
#define PAGES_ADMIN_KEYS_H

#include <stdint.h>

#include "pages/admin_page.h"
#include "policy/key_revoke.h"
#include "policy/key_state.h"
#include "stats/reader.h"

struct admin_key {
	unsigned facts;			/* a set of policy/key_state.h */
	enum key_state state;
	enum key_revoke revoke;
	size_t route;			/* which that is about, or CONF_NONE */
	struct stats_key_facts known;
};

/* One for each key of the brief, to be freed; now is seconds since 1970. */
struct admin_key	*admin_keys_look(const struct admin_facts *,
			    int64_t now);

/* The key that requests of the route get now, if any goes out; or CONF_NONE. */
size_t			 admin_route_key(const struct admin_facts *,
			    const struct conf_route *);

#endif
