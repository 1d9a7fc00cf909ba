/*
 * The descriptors that systemd passed to this process, by sd_listen_fds(3):
 * their number and names.
 */
#ifndef NET_INHERITED_H
#define NET_INHERITED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* The first of them; they are consecutive. */
#define INHERITED_FIRST	3

size_t	inherited_count(void);

/* The name of the i-th, from LISTEN_FDNAMES; false: there are not so many. */
bool	inherited_name(size_t i, struct text *name);

/* The first of this name; -1: there is none. */
int	inherited_find(const char *name);

#endif
