/*
 * Opening files; see file.h.  Knows nothing of what is in them.  Called by
 * whatever reads a configuration, an identity or a sealed file, and by who
 * clears a folder.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "base/alloc.h"

/* It has no name: whoever passed it holds its other end. */
static bool
is_passed(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == PIPEFS_MAGIC;
}

static const char *
check_kind(int fd, enum file_kind kind)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return strerror(errno);
	if (S_ISDIR(st.st_mode))
		return "is a directory";
	if (kind == FILE_ANY || S_ISREG(st.st_mode))
		return NULL;
	if (!S_ISFIFO(st.st_mode))
		return "is a device, not a file";
	if (kind == FILE_PASSED && is_passed(fd))
		return NULL;
	return "is a pipe, not a file";
}

/* It was opened without waiting; from now on it waits for data. */
static const char *
wait_for_data(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) != 0)
		return strerror(errno);
	return NULL;
}

const char *
file_open(const char *path, enum file_kind kind, int *fd)
{
	int wait = kind != FILE_ANY ? O_NONBLOCK : 0;
	const char *why;

	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | wait);
	/* What a socket says to open(). */
	if (*fd < 0 && errno == ENXIO)
		return "is a device, not a file";
	if (*fd < 0)
		return strerror(errno);
	why = check_kind(*fd, kind);
	if (why == NULL && wait != 0)
		why = wait_for_data(*fd);
	if (why == NULL)
		return NULL;
	(void)close(*fd);
	*fd = -1;
	return why;
}

char *
file_folder(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return xstrdup(".");
	return xstrndup(path, slash == path ? 1 : (size_t)(slash - path));
}

const char *
file_check_folder(const char *folder)
{
	struct stat st;

	if (stat(folder, &st) != 0)
		return errno == ENOENT ? "there is no such directory" :
		    strerror(errno);
	if (!S_ISDIR(st.st_mode))
		return "is not a directory";
	return access(folder, W_OK | X_OK) == 0 ? NULL : strerror(errno);
}

/* Not a copy of the descriptor: those share the place that was read up to. */
DIR *
file_list(int folder)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (d == NULL && fd >= 0)
		(void)close(fd);
	return d;
}
