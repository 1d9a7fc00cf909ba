/*
 * Files replaced as a whole: whoever looks, at any moment and after any
 * crash, sees the old file or the new one.  The new bytes go into a temporary
 * file of the same folder, reach the disk, and take the old name.  A symbolic
 * link stays one: what it points to is replaced.
 *
 * The old file is kept under a second name until the end, so that it can be
 * put back by a rename, which needs no room on the disk.  Where the file
 * system has no hard links it is copied instead, before anything changes.
 *
 * A process that is killed may leave a temporary file, ".NAME.sallyport-"
 * and six letters, which is the new file or the old one; the next replacement
 * of NAME removes it.
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
 * All bytes are on the disk, under the temporary name, and the old file has
 * its second name; what is left can no longer fail for want of space.
 * Optional: replace_commit() does it too.
 */
enum status	 replace_settle(struct replacement *) MUST_CHECK;

/*
 * The new file takes the name, and the folder says so on the disk.
 * STATUS_SYSTEM with errno: it was undone, as far as replace_left() says.
 */
enum status	 replace_commit(struct replacement *) MUST_CHECK;

/*
 * After replace_commit(): what was there before is there again, or nothing
 * if nothing was.  Does nothing where that is so already.  STATUS_SYSTEM with
 * errno: see replace_left(); ESTALE: somebody else has put another file there
 * meanwhile, which stays.
 */
enum status	 replace_undo(struct replacement *) MUST_CHECK;

/*
 * What a replacement that failed has left, as the end of a message: "the old
 * file is unchanged".  NULL, one that could not begin, is fine.
 */
const char	*replace_left(const struct replacement *);

/*
 * Frees.  Unless it was committed, nothing has changed; if it was, it can no
 * longer be undone.  Keeps errno.
 */
void		 replace_end(struct replacement *);

/*
 * A lock on the file that path names now, kept until *fd is closed, so that
 * two programs do not change the same state of it.  Waits for seconds.
 * STATUS_SYSTEM with errno; EWOULDBLOCK: somebody else has it.
 */
enum status	 replace_lock(const char *path, unsigned seconds, int *fd)
		    MUST_CHECK;

#endif
