/*
 * What processes may: giving up root, and as many descriptors as there are.
 */
#ifndef DAEMON_PRIVILEGES_H
#define DAEMON_PRIVILEGES_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"

/*
 * If started as root, becomes the configuration's user and group for good, or
 * only the one that is named; in any case without a capability.  False with the
 * reason; then the process must not go on.
 */
bool	privileges_drop(const struct conf *, char *why, size_t why_size);

/*
 * For the parent: gives up the capabilities that it needs neither for a reload
 * nor for the workers to come; ARCHITECTURE.md says what it keeps and why.
 * False with errno.
 */
bool	privileges_reduce(void);

/*
 * Clients and upstreams need descriptors: allows as many as the system does.
 */
void	privileges_raise_limits(void);

/*
 * Warns where that does nothing or is missing: root without a user to become,
 * or a user or group without root.  An error where a worker could not do it, as
 * in some containers: found out by a child that tries it and ends.
 */
void	privileges_check(const struct conf *, struct conf_diagnostics *);

#endif
