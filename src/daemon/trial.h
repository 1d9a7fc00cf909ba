/*
 * A configuration loaded by a child first.  Its files may lie where reading
 * hangs, and those that are sealed with passphrases take seconds: meanwhile the
 * parent goes on watching its workers and following orders.  Behind that its
 * own load is quick: the files are in the kernel's memory, and what was derived
 * is known to it (daemon/memo.h).
 */
#ifndef DAEMON_TRIAL_H
#define DAEMON_TRIAL_H

#include <stdbool.h>
#include <sys/types.h>

#include "conf/conf.h"

struct trial {
	pid_t pid;		/* 0: none is under way */
};

/*
 * Forks it.  left is called in the child first.  False with errno.
 */
bool	trial_begin(struct trial *, const char *file,
	    const struct conf_opening *, void (*left)(void *owner),
	    void *owner);

/*
 * It has ended with that status, as waitpid() tells.  True: all was read,
 * whether or not it is a good configuration.
 */
bool	trial_end(struct trial *, int wait_status);

/* Ends it by force; it must still be reaped, and trial_end() called. */
void	trial_kill(const struct trial *);

#endif
