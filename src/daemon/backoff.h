/*
 * When a process that died is started again: at once, but after a pause where
 * it died soon after its start, and each time after one twice as long, so that
 * a crash at the start does not become a busy loop.  Times are monotonic, in
 * nanoseconds.  Pure.
 */
#ifndef DAEMON_BACKOFF_H
#define DAEMON_BACKOFF_H

#include <stdint.h>

struct backoff {
	int64_t started_ns;
	int64_t pause_ns;	/* before it is started again */
	int64_t due_ns;		/* when to start it; of no use while it runs */
};

/* It is about to be started. */
void	backoff_start(struct backoff *, int64_t now);

/* It could not be started. */
void	backoff_put_off(struct backoff *, int64_t now);

/* It died. */
void	backoff_died(struct backoff *, int64_t now);

#endif
