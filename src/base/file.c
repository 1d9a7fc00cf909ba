/*
 * Opening files; see file.h.  It does not know their content.  Called by the
 * readers of configurations, identities and sealed files, and to list a folder
 * that is to be cleared.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "base/alloc.h"
#include "base/walk.h"

/* A pipe without a name: the process that passed it holds its other end. */
static bool
is_passed(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == PIPEFS_MAGIC;
}

static const char *
check_kind(int fd, const struct stat *st, enum file_kind kind)
{
	if (S_ISDIR(st->st_mode))
		return "is a directory";
	if (kind == FILE_ANY || S_ISREG(st->st_mode))
		return NULL;
	if (!S_ISFIFO(st->st_mode))
		return "is a device, not a file";
	if (kind == FILE_PASSED && is_passed(fd))
		return NULL;
	return "is a pipe, not a file";
}

/* The file was opened without waiting; from now on reading waits for data. */
static const char *
wait_for_data(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) != 0)
		return strerror(errno);
	return NULL;
}

static int
open_path(const char *path, int flags, struct file_judge *judge)
{
	const struct walk_look look = { .folder = file_judge_folder,
		.link = file_judge_link, .ctx = judge };

	return judge->role == FILE_DATA ? open(path, flags) :
	    walk_open(path, flags, &look);
}

/* Sets the reason why a file could not be opened. */
static void
explain(struct file_judge *judge, const char *why)
{
	free(judge->why);
	judge->why = xstrdup(why);
}

static void
look_at_file(struct file_judge *judge, enum file_kind kind, int fd)
{
	const char *why = NULL;
	struct stat st;

	if (fstat(fd, &st) != 0)
		why = strerror(errno);
	else
		why = check_kind(fd, &st, kind);
	if (why == NULL && kind != FILE_ANY)
		why = wait_for_data(fd);
	if (why != NULL)
		explain(judge, why);
	else
		file_judge_file(judge, fd, &st);
}

int
file_open(const struct file_request *r, struct file_judge *judge)
{
	int wait = r->kind != FILE_ANY ? O_NONBLOCK : 0, fd;

	*judge = (struct file_judge){ .role = r->role, .us = r->us };
	fd = open_path(r->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | wait,
	    judge);
	if (fd < 0) {
		/* open() of a socket fails with ENXIO. */
		explain(judge, errno == ENXIO ? "is a device, not a file" :
		    strerror(errno));
		return -1;
	}
	look_at_file(judge, r->kind, fd);
	if (judge->why == NULL)
		return fd;
	(void)close(fd);
	return -1;
}

char *
file_folder(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return xstrdup(".");
	return xstrndup(path, slash == path ? 1 : (size_t)(slash - path));
}

char *
file_absolute(const char *path)
{
	char *folder = path[0] != '/' ? getcwd(NULL, 0) : NULL, *result;

	result = folder == NULL ? xstrdup(path) :
	    xasprintf("%s/%s", strcmp(folder, "/") != 0 ? folder : "", path);
	free(folder);
	return result;
}

static const char *
base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

bool
file_same_name(const char *a, const char *b)
{
	struct stat x, y;

	return strcmp(base_of(a), base_of(b)) == 0 && lstat(a, &x) == 0 &&
	    lstat(b, &y) == 0 && x.st_dev == y.st_dev &&
	    x.st_ino == y.st_ino;
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

/* Opens anew: a copy of the descriptor would share its read position. */
DIR *
file_list(int folder)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (d == NULL && fd >= 0)
		(void)close(fd);
	return d;
}
