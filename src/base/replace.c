/*
 * Atomic replacement of files; see replace.h.  It does not know their content.
 * Called by the verbs that change sealed files.
 */
#include "base/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/rename.h"
#include "base/temporary.h"
#include "base/write.h"

#define COPY_PIECE	((size_t)1 << 20)

/* The file that has the name. */
enum place {
	PLACE_OLD,		/* the old one, or none if there was none */
	PLACE_NEW,
	PLACE_OTHER,		/* another one, put there by somebody else */
};

struct replacement {
	enum replace_mode mode;
	int dir;		/* of the file */
	char *name;		/* in there */
	char *prefix;		/* of temporary names in there */
	char *temporary;	/* of the new file; NULL: none */
	int fd;			/* of the new file, locked; -1: none */
	char *old;		/* second name of the old file; NULL: none */
	int old_fd;		/* locked, so that old stays; -1: none */
	bool had_old;
	bool settled;
	enum place place;
	bool unsynced;		/* the disk may not know that yet */
};

/* The path to write to, with links followed; NULL with errno. */
static char *
find_target(const char *path)
{
	char *target = realpath(path, NULL), *folder, *slash;
	struct stat st;

	if (target != NULL || errno != ENOENT)
		return target;
	/* A link that points to nothing is not replaced. */
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
	char *target = r->mode == REPLACE_OWN ? xstrdup(path) :
	    find_target(path), *slash;

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

/* Gives a file the owner and the mode of another. */
static enum status
take_attributes(int fd, const struct stat *from)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return STATUS_SYSTEM;
	if ((st.st_uid != from->st_uid || st.st_gid != from->st_gid) &&
	    fchown(fd, from->st_uid, from->st_gid) != 0)
		return STATUS_SYSTEM;
	return fchmod(fd, from->st_mode & 0777) == 0 ? STATUS_OK :
	    STATUS_SYSTEM;
}

/* Gives the new file the owner and the mode of the old one. */
static enum status
keep_attributes(struct replacement *r)
{
	struct stat old;

	if (fstatat(r->dir, r->name, &old, 0) != 0)
		return errno == ENOENT && r->mode == REPLACE_EITHER ?
		    STATUS_OK : STATUS_SYSTEM;
	r->had_old = true;
	if (!S_ISREG(old.st_mode)) {
		errno = S_ISDIR(old.st_mode) ? EISDIR : EINVAL;
		return STATUS_SYSTEM;
	}
	return take_attributes(r->fd, &old);
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

	if (status == STATUS_OK && r->mode == REPLACE_NEW)
		status = refuse_existing(r);
	if (status != STATUS_OK)
		return status;
	r->prefix = temporary_prefix(r->name);
	temporary_sweep(r->dir, r->prefix);
	status = temporary_create(r->dir, r->prefix, &r->temporary, &r->fd);
	if (status == STATUS_OK && (r->mode == REPLACE_EXISTING ||
	    r->mode == REPLACE_EITHER))
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
	r->dir = r->fd = r->old_fd = -1;
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
	return write_all(r->fd, bytes, n) ? STATUS_OK : STATUS_SYSTEM;
}

enum status
replace_share(struct replacement *r)
{
	struct stat folder;

	if (fstat(r->dir, &folder) != 0)
		return STATUS_SYSTEM;
	return (folder.st_mode & S_ISGID) == 0 || fchmod(r->fd, 0640) == 0 ?
	    STATUS_OK : STATUS_SYSTEM;
}

/* Keeping the old file. */

static enum status
copy_bytes(int from, int to)
{
	ssize_t n;

	do {
		n = sendfile(to, from, NULL, COPY_PIECE);
	} while (n > 0 || (n < 0 && errno == EINTR));
	return n == 0 && fsync(to) == 0 ? STATUS_OK : STATUS_SYSTEM;
}

/* For file systems that cannot give a file a second name. */
static enum status
copy_old(struct replacement *r)
{
	struct stat st;
	int copy = -1;
	enum status status = STATUS_SYSTEM;

	if (r->old_fd < 0 || fstat(r->old_fd, &st) != 0)
		return STATUS_SYSTEM;
	status = temporary_create(r->dir, r->prefix, &r->old, &copy);
	if (status == STATUS_OK)
		status = take_attributes(copy, &st);
	if (status == STATUS_OK)
		status = copy_bytes(r->old_fd, copy);
	if (status != STATUS_OK)
		temporary_remove(r->dir, &r->old);
	if (copy >= 0) {
		(void)close(r->old_fd);
		r->old_fd = copy;
	}
	return status;
}

/*
 * Locks the old file.  The program that changes it may have locked it already,
 * which does as well.
 */
static void
lock_old(struct replacement *r)
{
	r->old_fd = openat(r->dir, r->name, O_RDONLY | O_NOFOLLOW |
	    O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (r->old_fd >= 0)
		(void)flock(r->old_fd, LOCK_EX | LOCK_NB);
}

static enum status
keep_old(struct replacement *r)
{
	if (r->mode == REPLACE_NEW)
		return STATUS_OK;
	lock_old(r);
	r->had_old = true;
	if (temporary_link(r->dir, r->prefix, r->name, &r->old) == STATUS_OK)
		return STATUS_OK;
	r->had_old = errno != ENOENT;
	if (r->had_old)
		return copy_old(r);
	return r->mode == REPLACE_EXISTING ? STATUS_SYSTEM : STATUS_OK;
}

enum status
replace_settle(struct replacement *r)
{
	if (r->settled)
		return STATUS_OK;
	if (fsync(r->fd) != 0 || keep_old(r) != STATUS_OK)
		return STATUS_SYSTEM;
	r->settled = true;
	return STATUS_OK;
}

/* Taking the name and giving it back. */

/* A new file takes its name only if that is free at that moment. */
static bool
take_name(struct replacement *r)
{
	if (!(r->old == NULL ?
	    rename_if_free(r->dir, r->temporary, r->name) :
	    renameat(r->dir, r->temporary, r->dir, r->name) == 0))
		return false;
	free(r->temporary);
	r->temporary = NULL;
	r->place = PLACE_NEW;
	return true;
}

/* Some file systems cannot sync folders, and need not. */
static bool
sync_folder(struct replacement *r)
{
	r->unsynced = fsync(r->dir) != 0 && errno != EINVAL && errno != EROFS;
	return !r->unsynced;
}

/* The name is still that of the new file. */
static bool
is_ours(const struct replacement *r)
{
	struct stat ours, named;

	return fstat(r->fd, &ours) == 0 && fstatat(r->dir, r->name, &named,
	    AT_SYMLINK_NOFOLLOW) == 0 && ours.st_dev == named.st_dev &&
	    ours.st_ino == named.st_ino;
}

/* False with errno. */
static bool
put_back(struct replacement *r)
{
	if (!is_ours(r)) {
		r->place = PLACE_OTHER;
		errno = ESTALE;
		return false;
	}
	if ((r->old != NULL ? renameat(r->dir, r->old, r->dir, r->name) :
	    unlinkat(r->dir, r->name, 0)) != 0)
		return false;
	free(r->old);
	r->old = NULL;
	r->place = PLACE_OLD;
	return sync_folder(r);
}

enum status
replace_commit(struct replacement *r)
{
	int error;

	if (replace_settle(r) != STATUS_OK || !take_name(r))
		return STATUS_SYSTEM;
	if (sync_folder(r))
		return STATUS_OK;
	error = errno;
	(void)put_back(r);
	errno = error;
	return STATUS_SYSTEM;
}

enum status
replace_undo(struct replacement *r)
{
	return r->place == PLACE_OLD || put_back(r) ? STATUS_OK :
	    STATUS_SYSTEM;
}

static const char *
left_new(const struct replacement *r)
{
	return r->unsynced ? "the new file is there, but a crash of the "
	    "machine may undo that" : "the new file is there";
}

static const char *
left_old(const struct replacement *r)
{
	if (!r->had_old)
		return r->unsynced ? "no file was made, but it may be there "
		    "after a crash of the machine" : "no file was made";
	return r->unsynced ? "the old file is there again, but the new one "
	    "may be after a crash of the machine" :
	    "the old file is unchanged";
}

const char *
replace_left(const struct replacement *r)
{
	if (r == NULL)
		return "nothing was changed";
	switch (r->place) {
	case PLACE_OLD:
		return left_old(r);
	case PLACE_NEW:
		return left_new(r);
	case PLACE_OTHER:
		break;
	}
	return "another program put its own file there meanwhile";
}

void
replace_end(struct replacement *r)
{
	int saved = errno;

	if (r == NULL)
		return;
	temporary_remove(r->dir, &r->temporary);
	temporary_remove(r->dir, &r->old);
	if (r->old_fd >= 0)
		(void)close(r->old_fd);
	if (r->fd >= 0)
		(void)close(r->fd);
	if (r->dir >= 0)
		(void)close(r->dir);
	free(r->prefix);
	free(r->name);
	free(r);
	errno = saved;
}
