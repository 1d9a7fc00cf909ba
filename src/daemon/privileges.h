/*
 * Giving up root.
 */
#ifndef DAEMON_PRIVILEGES_H
#define DAEMON_PRIVILEGES_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"

/*
 * Becomes the configuration's user and group for good, or one of the two if
 * only that is named, when started as root.  False with the reason; the
 * process must not go on.
 */
bool	privileges_drop(const struct conf *, char *why, size_t why_size);

/*
 * Warns where that would not be: root without a user to become, a user or
 * group without root.  An error where a worker could not, as root may not in
 * some containers: found out by a process that does it and ends.
 */
void	privileges_check(const struct conf *, struct conf_diagnostics *);

#endif
