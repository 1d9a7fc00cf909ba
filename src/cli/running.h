/*
 * Whether another process is a sallyport that runs this configuration.  It is
 * known by its command line, which everybody may read, so it need not be asked.
 *
 * It runs the same file if its -c, seen from that process's folder, leads to
 * ours.  If the process is of our own user but hides its folder, as it keeps
 * secrets, a relative path is taken from our folder; of any other user it is
 * not ours.
 */
#ifndef CLI_RUNNING_H
#define CLI_RUNNING_H

#include <stdbool.h>
#include <sys/types.h>

#include "cli/verb.h"
#include "net/holder.h"

struct running {
	const char *file;	/* the configuration */
	const struct verb *const *verbs;	/* of this program */
	pid_t pid;		/* the process that was found; 0: none yet */
};

/*
 * The function of struct sockets_asker.  If we may not see which process the
 * holder is, it is enough that such a process of the socket's user exists; if
 * that is root, whose service manager may have passed it on, one of anybody.
 */
bool	running_is_ours(void *running, const struct holder *);

#endif
