/*
 * Starting the admin process: our own program, executed anew, so that its
 * memory never held a key.  It gets the descriptors of its order under numbers
 * that are known, standard error, and no other.
 */
#ifndef DAEMON_ADMIN_EXEC_H
#define DAEMON_ADMIN_EXEC_H

#include <sys/types.h>

#include "daemon/admin_order.h"

/* The verb that the program is started with. */
#define ADMIN_VERB	"admin"

/* Its descriptors, by number. */
enum admin_fd {
	ADMIN_FD_CONTROL = 3,		/* control channel to the parent */
	ADMIN_FD_BRIEF,			/* see admin_brief.h */
	ADMIN_FD_MEMORY,		/* see stats/memory.h */
	ADMIN_FD_LISTENERS		/* as many as the brief says */
};

/*
 * Our program as it is now, whatever becomes of its file; close-on-exec.  -1
 * with errno.
 */
int	admin_exec_open(void);

/*
 * Starts it with its end of a control channel.  The signals that the parent
 * handles must be blocked, and are in it at first.  -1 with errno; where the
 * program cannot be executed, the process says so by the channel and ends.
 */
pid_t	admin_exec(int program, const struct admin_order *, int control);

#endif
