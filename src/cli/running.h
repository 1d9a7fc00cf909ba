/*
 * Whether another process is a sallyport that runs this configuration: by its
 * command line, which everybody may read, so that it need not be asked.
 *
 * The same file is meant where its -c, seen from that process's folder, leads
 * to ours.  Of a process of our own user whose folder we may not see, as it
 * keeps secrets, a relative path is taken as if it were typed here; of any
 * other it is not ours.
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
	pid_t pid;		/* who was found to run it; 0: nobody yet */
};

/*
 * For struct sockets_asker.  Where we may not see who the holder is, it is
 * enough that such a process of the socket's user is there.
 */
bool	running_is_ours(void *running, const struct holder *);

#endif
