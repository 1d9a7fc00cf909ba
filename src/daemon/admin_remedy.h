/*
 * Commands by which a person mends what needs attention.  Each can be pasted
 * into a shell as it is, in any folder; it is to be freed.
 */
#ifndef DAEMON_ADMIN_REMEDY_H
#define DAEMON_ADMIN_REMEDY_H

#include <stddef.h>

#include "conf/conf.h"

char	*admin_remedy_check(const struct conf *);
char	*admin_remedy_reload(const struct conf *);

/*
 * Adds another key like this one: by a name that is free, to the same file, for
 * the same hosts and in the same field.
 */
char	*admin_remedy_add(const struct conf *, size_t key);

/* Takes it out of its file. */
char	*admin_remedy_remove(const struct conf *, size_t key);

/* Takes back that it was disabled. */
char	*admin_remedy_enable(const struct conf *, size_t key);

#endif
