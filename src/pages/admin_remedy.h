/*
 * Commands by which a person mends what needs attention.  Each can be pasted
 * into a shell as it is, in any folder; it is to be freed.
 */
#ifndef PAGES_ADMIN_REMEDY_H
#define PAGES_ADMIN_REMEDY_H

#include <stddef.h>

#include "conf/conf.h"

char	*admin_remedy_check(const struct conf *);
char	*admin_remedy_reload(const struct conf *);

/* Tries each key at each upstream, and shows what is answered. */
char	*admin_remedy_probe(const struct conf *);

/*
 * Adds another key like this one: by a name that is free, to the same file, for
 * the same hosts and in the same field.
 */
char	*admin_remedy_add(const struct conf *, size_t key);

/* The same for the host of that upstream alone, by its index. */
char	*admin_remedy_add_for(const struct conf *, size_t key,
	    size_t upstream);

/* The name of that other one; to be freed. */
char	*admin_remedy_next_name(const struct conf *, size_t key);

/* Has routes that list the key of this name use it from now on. */
char	*admin_remedy_promote(const struct conf *, const char *name);

/* Switches it off, so that it can be revoked. */
char	*admin_remedy_disable(const struct conf *, size_t key);

/* Takes it out of its file. */
char	*admin_remedy_remove(const struct conf *, size_t key);

/* Takes back that it was disabled. */
char	*admin_remedy_enable(const struct conf *, size_t key);

#endif
