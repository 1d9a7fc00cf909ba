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
 * not so many.
 */
bool		 hosts_find(const struct hosts *, const char *name, size_t i,
		    struct addr *);

#endif
