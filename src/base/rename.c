/*
 * Renames that replace nothing; see rename.h.  Called by replace.c.
 */
#include "base/rename.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "config.h"

/* From linux/fs.h, which clashes with sys/mount.h. */
#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE	(1 << 0)
#endif

/* musl has no function for it. */
static int
rename_at_once(int folder, const char *from, const char *to)
{
#if HAVE_DECL_SYS_RENAMEAT2
	return (int)syscall(SYS_renameat2, folder, from, folder, to,
	    RENAME_NOREPLACE);
#else
	(void)folder;
	(void)from;
	(void)to;
	errno = ENOSYS;
	return -1;
#endif
}

/* The errors of link() on file systems without hard links. */
static bool
is_without_links(int error)
{
	return error == EPERM || error == ENOSYS || error == EOPNOTSUPP;
}

static bool
rename_over_placeholder(int folder, const char *from, const char *to)
{
	int fd = openat(folder, to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
	    O_CLOEXEC, 0600), error;

	if (fd < 0)
		return false;
	(void)close(fd);
	if (renameat(folder, from, folder, to) == 0)
		return true;
	error = errno;
	(void)unlinkat(folder, to, 0);
	errno = error;
	return false;
}

bool
rename_if_free(int folder, const char *from, const char *to)
{
	if (rename_at_once(folder, from, to) == 0)
		return true;
	if (errno != EINVAL && errno != ENOSYS)
		return false;
	if (linkat(folder, from, folder, to, 0) == 0) {
		(void)unlinkat(folder, from, 0);
		return true;
	}
	return is_without_links(errno) &&
	    rename_over_placeholder(folder, from, to);
}
