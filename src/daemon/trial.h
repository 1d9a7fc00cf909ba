/*
 * A configuration loaded by a child, to see whether it can be: where files are
 * sealed with passphrases that takes seconds, in which the parent goes on
 * watching its workers.  What was derived then is known to the parent, too
 * (daemon/memo.h), whose own load is quick.
 */
#ifndef DAEMON_TRIAL_H
#define DAEMON_TRIAL_H

#include <stdbool.h>
#include <sys/types.h>

#include "conf/conf.h"

struct trial {
	pid_t pid;		/* 0: none is under way */
	int said;		/* where it writes its diagnostics */
};

/*
 * Forks it.  left is called in the child first.  False with errno.
 */
bool	trial_begin(struct trial *, const char *file,
	    const struct conf_opening *, void (*left)(void *owner),
	    void *owner);

/*
 * It has ended with that status, as waitpid() tells.  True: it could be loaded.
 * Otherwise *text, to be freed, has a line for each diagnostic.
 */
bool	trial_end(struct trial *, int wait_status, char **text);

/* In another forked child: closes what belongs to a trial under way. */
void	trial_abandon(const struct trial *);

/* Ends it by force; it must still be reaped, and trial_end() called. */
void	trial_kill(const struct trial *);

#endif
