/*
 * Atomic replacement of files; see replace.h.  Knows nothing of what is in
 * them.  Called by the verbs that change sealed files.
 */
#include "base/replace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"

#define MARK		".sallyport-"
#define MARK_LETTERS	6

struct replacement {
	enum replace_mode mode;
	int dir;		/* of the file */
	char *name;		/* in there */
	char *temporary;	/* in there; NULL: none */
	int fd;			/* of the temporary, locked; -1: none */
	bool settled;
};

/* Where the bytes are to go, links followed; NULL with errno. */
static char *
find_target(const char *path)
{
	char *target = realpath(path, NULL), *folder, *slash;
	struct stat st;

	if (target != NULL || errno != ENOENT)
		return target;
	/* A link that points to nothing is left to whoever made it. */
	if (lstat(path, &st) == 0) {
		errno = ENOENT;
		return NULL;
	}
	slash = strrchr(path, '/');
	if (slash == NULL)
		return xstrdup(path);
	if (slash[1] == '\0') {
		errno = EISDIR;
		return NULL;
	}
	folder = xstrndup(path, (size_t)(slash - path) + 1);
	if (access(folder, F_OK) == 0)
		target = xstrdup(path);
	free(folder);
	return target;
}

/* Opens the folder of r and keeps the name in it. */
static enum status
open_folder(struct replacement *r, const char *path)
{
	char *target = find_target(path), *slash;

	if (target == NULL)
		return STATUS_SYSTEM;
	slash = strrchr(target, '/');
	r->name = xstrdup(slash != NULL ? slash + 1 : target);
	if (slash != NULL)
		slash[1] = '\0';
	r->dir = open(slash != NULL ? target : ".",
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(target);
	return r->dir < 0 ? STATUS_SYSTEM : STATUS_OK;
}

/* Nobody holds its lock: whoever wrote it is gone. */
static bool
is_abandoned(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC |
	    O_NONBLOCK);
	struct stat st;
	bool yes;

	if (fd < 0)
		return false;
	yes = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    flock(fd, LOCK_EX | LOCK_NB) == 0;
	(void)close(fd);
	return yes;
}

static bool
is_temporary(const char *entry, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(entry, prefix, n) == 0 &&
	    strlen(entry) == n + MARK_LETTERS;
}

/* Removes what killed processes left. */
static void
sweep(int dir, const char *prefix)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (d == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	while ((e = readdir(d)) != NULL) {
		if (is_temporary(e->d_name, prefix) &&
		    is_abandoned(dir, e->d_name))
			(void)unlinkat(dir, e->d_name, 0);
	}
	(void)closedir(d);
}

/* A name that is not taken yet, built on the clock. */
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

static enum status
make_temporary(struct replacement *r, const char *prefix)
{
	for (int attempt = 0; attempt < 100; attempt++) {
		r->temporary = make_name(prefix);
		r->fd = openat(r->dir, r->temporary, O_WRONLY | O_CREAT |
		    O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (r->fd >= 0)
			return flock(r->fd, LOCK_EX) == 0 ?
			    STATUS_OK : STATUS_SYSTEM;
		free(r->temporary);
		r->temporary = NULL;
		if (errno != EEXIST)
			break;
	}
	return STATUS_SYSTEM;
}

/* Whom the old file belongs to and what it allows. */
static enum status
keep_attributes(struct replacement *r)
{
	struct stat old, st;

	if (fstatat(r->dir, r->name, &old, 0) != 0)
		return errno == ENOENT && r->mode == REPLACE_EITHER ?
		    STATUS_OK : STATUS_SYSTEM;
	if (!S_ISREG(old.st_mode)) {
		errno = S_ISDIR(old.st_mode) ? EISDIR : EINVAL;
		return STATUS_SYSTEM;
	}
	if (fstat(r->fd, &st) != 0)
		return STATUS_SYSTEM;
	if ((st.st_uid != old.st_uid || st.st_gid != old.st_gid) &&
	    fchown(r->fd, old.st_uid, old.st_gid) != 0)
		return STATUS_SYSTEM;
	return fchmod(r->fd, old.st_mode & 0777) == 0 ? STATUS_OK :
	    STATUS_SYSTEM;
}

static enum status
refuse_existing(const struct replacement *r)
{
	struct stat st;

	if (fstatat(r->dir, r->name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		errno = EEXIST;
		return STATUS_SYSTEM;
	}
	return errno == ENOENT ? STATUS_OK : STATUS_SYSTEM;
}

static enum status
begin(struct replacement *r, const char *path)
{
	enum status status = open_folder(r, path);
	char *prefix;

	if (status == STATUS_OK && r->mode == REPLACE_NEW)
		status = refuse_existing(r);
	if (status != STATUS_OK)
		return status;
	prefix = xasprintf(".%s" MARK, r->name);
	sweep(r->dir, prefix);
	status = make_temporary(r, prefix);
	free(prefix);
	if (status == STATUS_OK && r->mode != REPLACE_NEW)
		status = keep_attributes(r);
	return status;
}

enum status
replace_begin(struct replacement **made, const char *path,
    enum replace_mode mode)
{
	struct replacement *r = xcalloc(1, sizeof(*r));
	enum status status;

	r->mode = mode;
	r->dir = r->fd = -1;
	status = begin(r, path);
	if (status != STATUS_OK) {
		replace_end(r);
		return status;
	}
	*made = r;
	return STATUS_OK;
}

enum status
replace_write(struct replacement *r, const void *bytes, size_t n)
{
	const char *p = bytes;

	while (n != 0) {
		ssize_t done = write(r->fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return STATUS_SYSTEM;
		p += done;
		n -= (size_t)done;
	}
	return STATUS_OK;
}

enum status
replace_settle(struct replacement *r)
{
	if (!r->settled && fsync(r->fd) != 0)
		return STATUS_SYSTEM;
	r->settled = true;
	return STATUS_OK;
}

/* The name is taken only if it is free, whoever else comes. */
static enum status
take_new_name(struct replacement *r)
{
	if (linkat(r->dir, r->temporary, r->dir, r->name, 0) != 0)
		return STATUS_SYSTEM;
	(void)unlinkat(r->dir, r->temporary, 0);
	return STATUS_OK;
}

static enum status
take_name(struct replacement *r)
{
	if (r->mode == REPLACE_NEW)
		return take_new_name(r);
	return renameat(r->dir, r->temporary, r->dir, r->name) == 0 ?
	    STATUS_OK : STATUS_SYSTEM;
}

enum status
replace_commit(struct replacement *r)
{
	enum status status = replace_settle(r);

	if (status == STATUS_OK)
		status = take_name(r);
	if (status != STATUS_OK)
		return status;
	free(r->temporary);
	r->temporary = NULL;
	/* The name is taken already; a folder that cannot sync is no harm. */
	if (fsync(r->dir) != 0 && errno != EINVAL && errno != EROFS)
		return STATUS_SYSTEM;
	return STATUS_OK;
}

void
replace_end(struct replacement *r)
{
	int saved = errno;

	if (r == NULL)
		return;
	if (r->temporary != NULL)
		(void)unlinkat(r->dir, r->temporary, 0);
	if (r->fd >= 0)
		(void)close(r->fd);
	if (r->dir >= 0)
		(void)close(r->dir);
	free(r->temporary);
	free(r->name);
	free(r);
	errno = saved;
}

/* The path still names what was opened. */
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
