/*
 * Warnings, once for each threshold and from the end on once a day, about what
 * the configuration says will end: lists of revoked certificates, and
 * certificates of our own.  Given by the parent, so that they do not come once
 * from each worker.
 */
#ifndef DAEMON_REMINDERS_H
#define DAEMON_REMINDERS_H

#include <stdint.h>

#include "conf/conf.h"

struct reminders;

/*
 * Warnings that were given on loading are not repeated; what has ended is told
 * again a day later.  conf is borrowed; its dues may get other times.
 */
struct reminders	*reminders_new(const struct conf *);
void			 reminders_free(struct reminders *);

/*
 * Gives the warnings that are due; returns when to call again (monotonic), or
 * INT64_MAX.
 */
int64_t			 reminders_tell(struct reminders *);

#endif
