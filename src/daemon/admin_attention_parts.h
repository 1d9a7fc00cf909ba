/*
 * What the files of admin_attention share: admin_attention.c has keys, routes
 * and the processes, admin_attention_listeners.c how we appear to others, and
 * admin_attention_entry.c how one entry is told.
 */
#ifndef DAEMON_ADMIN_ATTENTION_PARTS_H
#define DAEMON_ADMIN_ATTENTION_PARTS_H

#include <stdint.h>

#include "base/json.h"
#include "daemon/admin_page.h"

/* Adds to the list; takes over both, command may be NULL. */
void	admin_attention_add(struct json *, char *what, char *command);

/* The same of a key, by its name. */
void	admin_attention_add_key(struct json *, const char *key, char *what,
	    char *command);

/* Listeners that others can reach without TLS. */
void	admin_attention_of_listeners(struct json *, const struct admin_facts *);

/* Certificates and lists that end soon, or have ended. */
void	admin_attention_of_ends(struct json *, const struct admin_facts *,
	    int64_t now);

#endif
