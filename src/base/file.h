/*
 * Opening files that somebody named, to read them.  Anything that is not a file
 * where one is expected is reported at once: nothing waits for a FIFO to be
 * written to.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <dirent.h>
#include <stdbool.h>

#include "base/file_judge.h"

enum file_kind {
	FILE_ANY,	/* anything that can be read; opening may wait */
	FILE_PASSED,	/* a file, or a pipe that was passed to us, as a
			   shell does for <(COMMAND); no FIFO with a name */
	FILE_REGULAR,
};

struct file_request {
	const char *path;
	enum file_kind kind;
	enum file_role role;
	struct file_us us;
};

/*
 * Opens it; a directory is never one.  The descriptor is the caller's, or -1:
 * judge->why then says why not.  file_judge_free() the judgement, which may
 * have warnings, in either case.
 */
int	file_open(const struct file_request *, struct file_judge *);

/* The folder part of a path, "." where it has no slash; to be freed. */
char	*file_folder(const char *path)
	    __attribute__((warn_unused_result));

/*
 * The path from the root by which the file is found from any folder; to be
 * freed.  One that is relative stays so where our working directory is gone.
 */
char	*file_absolute(const char *path)
	    __attribute__((warn_unused_result));

/*
 * Two paths are the same name of the same file, however their folders are
 * spelled.
 */
bool	file_same_name(const char *, const char *);

/*
 * The reason why we cannot make files in a folder, or NULL; valid until the
 * next call.
 */
const char *file_check_folder(const char *folder);

/*
 * The entries of a folder, from the first: for readdir() and closedir().  The
 * descriptor stays the caller's.  NULL with errno.
 */
DIR	*file_list(int folder);

#endif
