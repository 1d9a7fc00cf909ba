/*
 * Files replaced as a whole: a reader sees the old file or the new one, at any
 * moment and after any crash.  The new bytes go into a temporary file of the
 * same folder, reach the disk, and take the old name.  A symbolic link stays
 * one: its target is replaced.
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
	REPLACE_OWN,		/* a file of ours alone takes the name, whatever
				   had it: of mode 0600, and a link is replaced
				   itself, not its target */
};

/*
 * Begins one.  A new file has mode 0600.  STATUS_SYSTEM with errno.  Writing
 * more than RLIMIT_FSIZE allows fails with EFBIG where SIGXFSZ is ignored, as
 * main() sets it.
 */
enum status	 replace_begin(struct replacement **, const char *path,
		    enum replace_mode) MUST_CHECK;

/* STATUS_SYSTEM with errno; ENOSPC leaves the old file as it was. */
enum status	 replace_write(struct replacement *, const void *, size_t n)
		    MUST_CHECK;

/*
 * For a new file that is no secret: in a folder with the set-group-ID bit, to
 * whose group belongs what is made there, that group may read it.
 * STATUS_SYSTEM with errno.
 */
enum status	 replace_share(struct replacement *) MUST_CHECK;

/*
 * All bytes are on the disk, under the temporary name, and the old file has its
 * second name; the rest can no longer fail for lack of space.  Optional:
 * replace_commit() does it too.
 */
enum status	 replace_settle(struct replacement *) MUST_CHECK;

/*
 * The new file takes the name, and the folder is synced to the disk.
 * STATUS_SYSTEM with errno: it was undone, as far as replace_left() says.
 */
enum status	 replace_commit(struct replacement *) MUST_CHECK;

/*
 * After replace_commit(): puts the old file back, or removes the new one where
 * there was none.  Does nothing where that is done already.  STATUS_SYSTEM with
 * errno: see replace_left(); ESTALE: somebody else has put another file there
 * meanwhile, which stays.
 */
enum status	 replace_undo(struct replacement *) MUST_CHECK;

/*
 * The state that a failed replacement has left, as the end of a message: "the
 * old file is unchanged".  NULL is fine: it could not begin.
 */
const char	*replace_left(const struct replacement *);

/*
 * Frees.  Unless it was committed, nothing has changed; if it was, it can no
 * longer be undone.  Keeps errno.
 */
void		 replace_end(struct replacement *);

/*
 * Locks the file that path names now, until *fd is closed, so that two programs
 * do not change it from the same state.  Waits for seconds.  STATUS_SYSTEM with
 * errno; EWOULDBLOCK: somebody else has it.
 */
enum status	 replace_lock(const char *path, unsigned seconds, int *fd)
		    MUST_CHECK;

#endif
