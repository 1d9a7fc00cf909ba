/*
 * Files replaced as a whole: whoever looks, at any moment and after any
 * crash, sees the old file or the new one.  The new bytes go into a temporary
 * file of the same folder, reach the disk, and take the old name.  A symbolic
 * link stays one: what it points to is replaced.
 *
 * A process that is killed may leave its temporary file, ".NAME.sallyport-"
 * and six letters; the next replacement of NAME removes it.
 */
#ifndef BASE_REPLACE_H
#define BASE_REPLACE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

struct replacement;

enum replace_mode {
	REPLACE_EXISTING,	/* keeps the old file's owner and mode */
	REPLACE_NEW,		/* EEXIST if there is one, also at the end */
	REPLACE_EITHER,
};

/*
 * Begins one.  A new file has mode 0600.  STATUS_SYSTEM with errno.  Writing
 * more than RLIMIT_FSIZE allows fails with EFBIG where SIGXFSZ is ignored, as
 * main() has it.
 */
enum status	 replace_begin(struct replacement **, const char *path,
		    enum replace_mode) MUST_CHECK;

/* STATUS_SYSTEM with errno; ENOSPC leaves the old file as it was. */
enum status	 replace_write(struct replacement *, const void *, size_t n)
		    MUST_CHECK;

/*
 * All bytes are on the disk, under the temporary name; what is left can no
 * longer fail for want of space.  Optional: replace_commit() does it too.
 */
enum status	 replace_settle(struct replacement *) MUST_CHECK;

/* The new file takes the name.  STATUS_SYSTEM with errno. */
enum status	 replace_commit(struct replacement *) MUST_CHECK;

/* Frees; unless it was committed, nothing has changed.  Keeps errno. */
void		 replace_end(struct replacement *);

/*
 * A lock on the file that path names now, kept until *fd is closed, so that
 * two programs do not change the same state of it.  Waits for seconds.
 * STATUS_SYSTEM with errno; EWOULDBLOCK: somebody else has it.
 */
enum status	 replace_lock(const char *path, unsigned seconds, int *fd)
		    MUST_CHECK;

#endif
