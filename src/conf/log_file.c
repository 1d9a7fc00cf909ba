/*
 * The file of the access log; see log_file.h.  It knows nothing of the lines.
 * The loader asks whether it can be opened, the parent opens it.
 */
#include "conf/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "conf/conf.h"

/* No path has more symbolic links at its end. */
#define MOST_LINKS	40

/* The folder of a path; false where there is none. */
static bool
stat_folder(const char *path, struct stat *st)
{
	char *folder = file_folder(path);
	bool found = stat(folder, st) == 0;

	free(folder);
	return found;
}

/* Why there may be no symbolic link, or NULL. */
static const char *
refuses_link(const char *path, uint32_t uid)
{
	struct stat st;

	if (geteuid() != 0 || uid == CONF_NO_ID || uid == 0)
		return NULL;
	/* Only root may put another file in the place of this one. */
	if (stat_folder(path, &st) && st.st_uid == 0 &&
	    (st.st_mode & (S_IWGRP | S_IWOTH)) == 0)
		return NULL;
	return "is a symbolic link, which root does not follow for workers "
	    "of another user";
}

/*
 * The file was made by another user where everybody may make files: he could
 * read the log.  The kernel refuses the same with fs.protected_regular.
 */
static bool
is_planted(const char *path, const struct stat *st)
{
	struct stat folder;

	return S_ISREG(st->st_mode) && st->st_uid != geteuid() &&
	    stat_folder(path, &folder) && (folder.st_mode & S_ISVTX) != 0 &&
	    (folder.st_mode & (S_IWGRP | S_IWOTH)) != 0 &&
	    st->st_uid != folder.st_uid;
}

/*
 * Why the file at path cannot be a log, or NULL; st_mode 0: there is no file.
 */
static const char *
judge(const char *path, uint32_t uid, struct stat *st)
{
	const char *link = refuses_link(path, uid);

	if (link != NULL && lstat(path, st) == 0 && S_ISLNK(st->st_mode))
		return link;
	if (stat(path, st) != 0) {
		st->st_mode = 0;
		return errno == ENOENT ? NULL : strerror(errno);
	}
	if (S_ISDIR(st->st_mode))
		return "is a directory";
	if (S_ISSOCK(st->st_mode))
		return "is a socket";
	if (is_planted(path, st))
		return "belongs to another user, in a directory where "
		    "everybody may make files";
	return NULL;
}

/* A pipe without a reader is an error; opening does not wait. */
static int
open_file(const char *path, uint32_t uid, int create, const char **why)
{
	const char *link = refuses_link(path, uid);
	int fd = open(path, O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY |
	    O_CLOEXEC | create | (link != NULL ? O_NOFOLLOW : 0), 0640);

	if (fd == -1 && errno == ELOOP && link != NULL)
		*why = link;
	else if (fd == -1)
		*why = errno == ENXIO ? "no program reads this FIFO" :
		    strerror(errno);
	return fd;
}

int
log_file_open(const char *path, uint32_t uid, bool *made, const char **why)
{
	struct stat st;
	int fd;

	*made = false;
	*why = judge(path, uid, &st);
	if (*why != NULL)
		return -1;
	if (st.st_mode != 0)
		return open_file(path, uid, O_CREAT, why);
	fd = open_file(path, uid, O_CREAT | O_EXCL, why);
	*made = fd != -1;
	/* A link that leads nowhere, or somebody else was faster. */
	return *made ? fd : open_file(path, uid, O_CREAT, why);
}

static bool
is_untouched(int fd, int folder, const char *name)
{
	struct stat its, there;

	return fstat(fd, &its) == 0 && its.st_size == 0 &&
	    fstatat(folder, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	    there.st_dev == its.st_dev && there.st_ino == its.st_ino;
}

/* Nobody can put another folder in the place of this one meanwhile. */
void
log_file_take_back(const char *path, int fd)
{
	char *text = file_folder(path);
	int folder = open(text, O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;

	if (folder != -1 && is_untouched(fd, folder, name))
		(void)unlinkat(folder, name, 0);
	if (folder != -1)
		close(folder);
	free(text);
}

/* The path where a file would be made: the target of a dangling link. */
static char *
follow(const char *path)
{
	char target[PATH_MAX], *at = xstrdup(path), *folder, *next;
	ssize_t n;

	for (unsigned i = 0; i < MOST_LINKS; i++) {
		n = readlink(at, target, sizeof(target) - 1);
		if (n < 0)
			break;
		target[n] = '\0';
		folder = target[0] == '/' ? xstrdup("") : file_folder(at);
		next = xasprintf("%s%s%s", folder,
		    folder[0] != '\0' ? "/" : "", target);
		free(folder);
		free(at);
		at = next;
	}
	return at;
}

static char *
check_room(const char *path)
{
	char *at = follow(path), *folder = file_folder(at), *text = NULL;
	const char *why = file_check_folder(folder);

	if (why != NULL)
		text = xasprintf("%s cannot be made: %s: %s", path, folder,
		    why);
	free(folder);
	free(at);
	return text;
}

char *
log_file_check(const char *path, uint32_t uid, bool *fifo)
{
	struct stat st;
	const char *why = judge(path, uid, &st);
	int fd;

	*fifo = why == NULL && S_ISFIFO(st.st_mode);
	if (why == NULL && st.st_mode == 0)
		return check_room(path);
	/* Opening a device may have effects. */
	if (why == NULL && !S_ISREG(st.st_mode))
		why = access(path, W_OK) == 0 ? NULL : strerror(errno);
	else if (why == NULL && (fd = open_file(path, uid, 0, &why)) != -1)
		close(fd);
	return why != NULL ? xasprintf("%s: %s", path, why) : NULL;
}
