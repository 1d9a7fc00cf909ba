/*
 * The signals that the parent handles.  They only set a flag, and are held back
 * but while it sleeps.
 */
#ifndef DAEMON_SIGNALS_H
#define DAEMON_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

enum signals_kind {
	SIGNALS_CHILD,		/* one of its children ended */
	SIGNALS_HANGUP,		/* it is to reload */
	SIGNALS_REOPEN,		/* it is to open its logs again */
	N_SIGNALS
};

/*
 * Process 1 of a machine or container gets no signal that it does not catch, so
 * until signals_catch() it would not hear that it is to end; from now on that
 * ends it as it ends any other, with the status of a shell.
 */
void		signals_end_early(void);

/*
 * From now on they are blocked and caught; awake becomes the mask to sleep
 * with.
 */
void		signals_catch(sigset_t *awake);

/* Whether it came since the last call. */
bool		signals_take(enum signals_kind);

/* How often the parent was told to stop; once more, by itself. */
unsigned	signals_stops(void);
void		signals_stop(void);

#endif
