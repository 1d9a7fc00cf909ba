/*
 * The hosts file (hosts(5)), read once.  c-ares would open it for each
 * look-up, which a worker in its sandbox may not.
 */
#ifndef NET_HOSTS_H
#define NET_HOSTS_H

#include <stddef.h>

#include "base/addr.h"

struct hosts;

/* A file that cannot be read is an empty one. */
struct hosts	*hosts_load(const char *path);
void		 hosts_free(struct hosts *);

/*
 * The i-th address of a name (any case), with port 0.  False where there are
 * not so many.  localhost and the names below it are the loopback unless the
 * file says otherwise, and are never asked of name servers (RFC 6761 section
 * 6.3): some containers have no such file.
 */
bool		 hosts_find(const struct hosts *, const char *name, size_t i,
		    struct addr *);

#endif
