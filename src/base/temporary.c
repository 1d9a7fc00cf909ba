/*
 * Temporary files; see temporary.h.  It does not know what they are for.
 * Called by replace.c only.
 */
#include "base/temporary.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"

#define MARK		".sallyport-"
#define MARK_LETTERS	6
#define ATTEMPTS	100

char *
temporary_prefix(const char *name)
{
	return xasprintf(".%s" MARK, name);
}

/* The file has lost its name; a process must check that after locking it. */
static bool
is_gone(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_nlink == 0;
}

/*
 * Removes a file that nobody has locked.  Its writer is gone, or is about to
 * lock it and will find it removed, for it is removed under the lock.
 */
static void
remove_abandoned(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC |
	    O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    flock(fd, LOCK_EX | LOCK_NB) == 0 && !is_gone(fd))
		(void)unlinkat(dir, name, 0);
	(void)close(fd);
}

static bool
is_temporary(const char *entry, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(entry, prefix, n) == 0 &&
	    strlen(entry) == n + MARK_LETTERS;
}

void
temporary_sweep(int dir, const char *prefix)
{
	DIR *d = file_list(dir);
	struct dirent *e;

	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		if (is_temporary(e->d_name, prefix))
			remove_abandoned(dir, e->d_name);
	}
	(void)closedir(d);
}

/* A name made from the clock, most likely not taken yet. */
static char *
make_name(const char *prefix)
{
	static const char letters[] =
	    "0123456789abcdefghijklmnopqrstuvwxyz";
	uint64_t v = (uint64_t)clock_monotonic() ^ (uint64_t)getpid() << 20;
	char *name = xasprintf("%sXXXXXX", prefix);
	char *p = name + strlen(prefix);

	for (int i = 0; i < MARK_LETTERS; i++, v /= 36)
		p[i] = letters[v % 36];
	return name;
}

/*
 * Makes and locks it: -1 with errno, EEXIST where the name is taken or a
 * sweep came between and took the file for abandoned.
 */
static int
create_locked(int dir, const char *name)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
	    O_CLOEXEC, 0600);
	int error;

	if (fd < 0)
		return -1;
	if (flock(fd, LOCK_EX) == 0 && !is_gone(fd))
		return fd;
	error = errno;
	if (is_gone(fd))
		error = EEXIST;
	else
		(void)unlinkat(dir, name, 0);
	(void)close(fd);
	errno = error;
	return -1;
}

enum status
temporary_create(int dir, const char *prefix, char **name, int *fd)
{
	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		*name = make_name(prefix);
		*fd = create_locked(dir, *name);
		if (*fd >= 0)
			return STATUS_OK;
		free(*name);
		*name = NULL;
		if (errno != EEXIST)
			break;
	}
	return STATUS_SYSTEM;
}

enum status
temporary_link(int dir, const char *prefix, const char *of, char **name)
{
	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		*name = make_name(prefix);
		if (linkat(dir, of, dir, *name, 0) == 0)
			return STATUS_OK;
		free(*name);
		*name = NULL;
		if (errno != EEXIST)
			break;
	}
	return STATUS_SYSTEM;
}

void
temporary_remove(int dir, char **name)
{
	int saved = errno;

	if (*name != NULL)
		(void)unlinkat(dir, *name, 0);
	free(*name);
	*name = NULL;
	errno = saved;
}
