/*
 * What the files of admin_attention share: admin_attention.c has keys, routes
 * and the processes, admin_attention_listeners.c how we appear to others, and
 * admin_attention_entry.c how one entry is told.
 */
#ifndef PAGES_ADMIN_ATTENTION_PARTS_H
#define PAGES_ADMIN_ATTENTION_PARTS_H

#include <stdint.h>

#include "base/json.h"
#include "conf/conf.h"
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

/* Listeners that others can reach without TLS. */
void	admin_attention_of_listeners(struct json *, const struct admin_facts *);

/* Certificates and lists that end soon, or have ended. */
void	admin_attention_of_ends(struct json *, const struct admin_facts *,
	    int64_t now);

#endif
