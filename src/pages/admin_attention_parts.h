/*
 * What the files of admin_attention share: admin_attention.c has the processes,
 * admin_attention_keys.c keys that are over or end soon,
 * admin_attention_listeners.c how we appear to others,
 * admin_attention_probes.c what is not known of keys that serve,
 * admin_attention_places.c where keys are needed, and admin_attention_entry.c
 * how one entry is told.
 */
#ifndef PAGES_ADMIN_ATTENTION_PARTS_H
#define PAGES_ADMIN_ATTENTION_PARTS_H

#include <stdint.h>

#include "base/json.h"
#include "conf/conf.h"
#include "pages/admin_keys.h"
#include "pages/admin_page.h"

/* Adds to the list; takes over both, command may be NULL. */
void	admin_attention_add(struct json *, char *what, char *command);

/* The same of a key, by its name. */
void	admin_attention_add_key(struct json *, const char *key, char *what,
	    char *command);

/* The most commands that follow the first one. */
#define ADMIN_MATTER_THEN	3

/* What is to be done, whole; all but the key is taken over. */
struct admin_matter {
	const char *key;		/* that it is about, or NULL */
	char *what;
	char *command;			/* or NULL */
	char *then[ADMIN_MATTER_THEN];	/* that follow it, then NULL */
	char *next;			/* the name of the key that the commands
					   bring, or NULL */
};
void	admin_attention_add_matter(struct json *, const struct admin_matter *);

/*
 * Of that key, which another one is to follow: the commands that bring the next
 * one; serves: this one still does, so that it is to be switched off in the
 * end.  Takes over what.
 */
void	admin_attention_add_next(struct json *, const struct conf *,
	    size_t key, bool serves, char *what);

/* -- where keys are needed; keys are indices into the configuration -- */

bool	admin_route_lists(const struct conf_route *, size_t key);

/* Some route lists it. */
bool	admin_key_is_listed(const struct conf *, size_t key);

/* A route or a proxy needs it. */
bool	admin_key_is_needed(const struct conf *, size_t key);

/*
 * Some route that lists it has no other usable key that is valid longer; or it
 * is for a proxy, which has one key.
 */
bool	admin_key_leaves_a_gap(const struct admin_facts *, size_t key);

/*
 * What serves the first of its routes now that it is over; NULL: no route lists
 * the key, or some route has none, or one that is off itself and serves for a
 * while only.
 */
const struct conf_key	*admin_key_heir(const struct admin_facts *,
			    size_t key);

/*
 * "'keys' of route a", "'keys' of routes a, b and 7 more": where it is listed;
 * lacking: of those only that have no longer one.  To be freed.
 */
char	*admin_key_places(const struct admin_facts *, size_t key,
	    bool lacking);

/* The same of the routes to that upstream alone, by its index. */
char	*admin_key_places_at(const struct admin_facts *, size_t key,
	    size_t upstream);

/* "list it in 'keys' of route a", of one that is to follow; to be freed. */
char	*admin_key_bring_in(const struct admin_facts *, size_t key,
	    bool lacking);

/* -- by their reasons -- */

/* Routes that have no usable key. */
void	admin_attention_of_routes(struct json *, const struct admin_facts *);

/* Proxies that refuse the key of their upstream, or want one. */
void	admin_attention_of_proxies(struct json *, const struct admin_facts *);

/* Keys that are over, or end soon; what admin_keys_look() found. */
void	admin_attention_of_keys(struct json *, const struct admin_facts *,
	    const struct admin_key *, int64_t now);

/* Keys of which probes say nothing, and those that not all upstreams take. */
void	admin_attention_of_probes(struct json *, const struct admin_facts *,
	    const struct admin_key *, int64_t now);

/* Listeners that others can reach without TLS. */
void	admin_attention_of_listeners(struct json *, const struct admin_facts *);

/* Certificates, authorities and lists that end soon, or have ended. */
void	admin_attention_of_ends(struct json *, const struct admin_facts *,
	    int64_t now);

#endif
