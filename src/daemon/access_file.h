/*
 * The access log as a descriptor, which generations share that write to the
 * same file.
 */
#ifndef DAEMON_ACCESS_FILE_H
#define DAEMON_ACCESS_FILE_H

#include <stdbool.h>

#include "conf/conf.h"

struct access_file {
	int fd;			/* -1: nothing is logged */
	/*
	 * The last write ended within a line; see base/sink.h.  Shared with the
	 * workers.
	 */
	_Atomic bool *torn;
	char *path;		/* as in the configuration */
	unsigned users;		/* generations */
	bool made;		/* for a generation that has not served yet */
};

/*
 * The log of that configuration: the current one where it is the same, else it
 * is opened.  current may be NULL.  NULL: it cannot be opened, with the reason.
 */
struct access_file *access_file_take(const struct conf *,
		    struct access_file *current, const char **why);

/* A generation serves that uses it: its file is to stay. */
void		 access_file_keep(struct access_file *);

/*
 * Gives it back; the last user closes it.  A file that was made, and is not to
 * stay, is removed if it is still empty.  NULL is fine.
 */
void		 access_file_leave(struct access_file *);

/*
 * Opens a file of that path again, for it was moved away.  False: it cannot be,
 * and nothing changed; why is NULL where it is no file.
 */
bool		 access_file_reopen(struct access_file *, const struct conf *,
		    const char **why);

#endif
