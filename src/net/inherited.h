/*
 * The descriptors that systemd passed to this process, as sd_listen_fds(3) has
 * it: how many, and their names.
 */
#ifndef NET_INHERITED_H
#define NET_INHERITED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* They are consecutive from this one on. */
#define INHERITED_FIRST	3

size_t	inherited_count(void);

/* The name of the i-th, from LISTEN_FDNAMES; false: there are not so many. */
bool	inherited_name(size_t i, struct text *name);

/* The first of this name; -1: there is none. */
int	inherited_find(const char *name);

#endif
