/*
 * Telling in time, and once a day, of what the configuration says will end:
 * lists of revoked certificates, certificates of our own.  The parent does it,
 * so that nobody hears it from each worker.
 */
#ifndef DAEMON_REMINDERS_H
#define DAEMON_REMINDERS_H

#include <stdint.h>

#include "conf/conf.h"

struct reminders;

/* What loading told already is told again a day later.  It is borrowed. */
struct reminders	*reminders_new(const struct conf *);
void			 reminders_free(struct reminders *);

/* Tells what it is time for; when to call again (monotonic), or INT64_MAX. */
int64_t			 reminders_tell(struct reminders *);

#endif
