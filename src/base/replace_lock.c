/*
 * Locks on files that are to be replaced; see replace.h.  A replacement is a
 * different file, so only a lock on the file that has the name counts.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/replace.h"

/* The path still names the opened file. */
static bool
is_current(const char *path, int fd)
{
	struct stat named, opened;

	return stat(path, &named) == 0 && fstat(fd, &opened) == 0 &&
	    named.st_dev == opened.st_dev && named.st_ino == opened.st_ino;
}

enum status
replace_lock(const char *path, unsigned seconds, int *locked)
{
	const struct timespec pause = { .tv_nsec = 20 * NS_PER_MS };
	int64_t end = clock_monotonic() + (int64_t)seconds * NS_PER_S;

	for (;;) {
		int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK |
		    O_NOCTTY), error;

		if (fd < 0)
			return STATUS_SYSTEM;
		*locked = fd;
		error = flock(fd, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
		if (error == 0 && is_current(path, fd))
			return STATUS_OK;
		(void)close(fd);
		if (error != 0 && (error != EWOULDBLOCK ||
		    clock_monotonic() >= end)) {
			errno = error;
			return STATUS_SYSTEM;
		}
		if (error != 0)
			(void)nanosleep(&pause, NULL);
	}
}
