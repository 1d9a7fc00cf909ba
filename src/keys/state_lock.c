/*
 * Which daemon has a `state_dir`; see state_lock.h.
 */
#include "keys/state_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

/* The one who has it may end while we ask who it is. */
#define TRIES	3

struct state_lock {
	int fd;
	unsigned users;
	dev_t dev;
	ino_t ino;
};

static char *
path_of(const char *folder)
{
	return xasprintf("%s/lock", folder);
}

char *
state_lock_text(const char *folder, pid_t pid)
{
	if (pid > 0)
		return xasprintf("%s is in use by process %d", folder,
		    (int)pid);
	return xasprintf("%s is in use by another process", folder);
}

/* All of the file, whatever its length. */
static struct flock
whole_file(void)
{
	return (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET };
}

static bool
is_held(int fd, pid_t *pid)
{
	struct flock l = whole_file();

	if (fcntl(fd, F_GETLK, &l) != 0 || l.l_type == F_UNLCK)
		return false;
	*pid = l.l_pid > 0 ? l.l_pid : 0;
	return true;
}

static char *
take(int fd, const char *folder)
{
	struct flock l = whole_file();
	pid_t pid = 0;

	for (unsigned i = 0; i < TRIES; i++) {
		if (fcntl(fd, F_SETLK, &l) == 0)
			return NULL;
		if (errno != EACCES && errno != EAGAIN)
			return xasprintf("%s/lock: it cannot be locked: %s",
			    folder, strerror(errno));
		if (is_held(fd, &pid))
			break;
	}
	return state_lock_text(folder, pid);
}

/* Anybody who can open it can lock it, and keep us from a start. */
static char *
judge(const char *folder, const struct stat *st, uint32_t uid)
{
	if (!S_ISREG(st->st_mode))
		return xasprintf("%s/lock: it is not a file", folder);
	if (st->st_uid != 0 && st->st_uid != geteuid() && st->st_uid != uid)
		return xasprintf("%s/lock: it belongs to user %u, who is "
		    "neither root nor who runs this", folder,
		    (unsigned)st->st_uid);
	if ((st->st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return xasprintf("%s/lock: others may open it (mode %04o): "
		    "chmod 600 it", folder, (unsigned)st->st_mode & 07777U);
	return NULL;
}

/* That one is ours already: to open it again would lose it. */
static bool
is_same(const struct state_lock *held, const char *path)
{
	struct stat st;

	return held != NULL && lstat(path, &st) == 0 &&
	    st.st_dev == held->dev && st.st_ino == held->ino;
}

/* Nobody keeps anything there, so there is nothing to be taken. */
static bool
is_read_only(const char *folder)
{
	return access(folder, W_OK | X_OK) != 0 &&
	    (errno == EACCES || errno == EROFS);
}

/* Takes the descriptor; sets *lock, or returns why not. */
static char *
take_open(int fd, const char *folder, uint32_t uid, struct state_lock **lock)
{
	struct stat st;
	char *why;

	if (fstat(fd, &st) != 0)
		why = xasprintf("%s/lock: %s", folder, strerror(errno));
	else
		why = judge(folder, &st, uid);
	if (why == NULL)
		why = take(fd, folder);
	if (why != NULL) {
		(void)close(fd);
		return why;
	}
	*lock = xcalloc(1, sizeof(**lock));
	**lock = (struct state_lock){ .fd = fd, .users = 1,
		.dev = st.st_dev, .ino = st.st_ino };
	return NULL;
}

static int
open_lock(const char *path, int more)
{
	return open(path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW |
	    O_NONBLOCK | more, 0600);
}

/* Why that failed, by errno; NULL: nothing can be written there. */
static char *
why_closed(const char *path, const char *folder)
{
	int error = errno;

	if ((error == EACCES || error == EROFS) && is_read_only(folder))
		return NULL;
	return xasprintf("%s: %s", path, strerror(error));
}

char *
state_lock_take(const char *folder, uint32_t uid, struct state_lock *held,
    struct state_lock **lock)
{
	char *path = path_of(folder), *why;
	int fd;

	*lock = NULL;
	if (is_same(held, path)) {
		held->users++;
		*lock = held;
		free(path);
		return NULL;
	}
	fd = open_lock(path, O_CREAT);
	why = fd != -1 ? take_open(fd, folder, uid, lock) :
	    why_closed(path, folder);
	free(path);
	return why;
}

char *
state_lock_check(const char *folder, uint32_t uid)
{
	char *path = path_of(folder), *why = NULL;
	int fd = open_lock(path, 0);
	struct stat st;

	if (fd != -1 && fstat(fd, &st) == 0)
		why = judge(folder, &st, uid);
	else if (errno != ENOENT)
		why = why_closed(path, folder);
	if (fd != -1)
		(void)close(fd);
	free(path);
	return why;
}

void
state_lock_leave(struct state_lock *l)
{
	if (l == NULL || --l->users != 0)
		return;
	(void)close(l->fd);
	free(l);
}

void
state_lock_abandon(const struct state_lock *l)
{
	if (l != NULL)
		(void)close(l->fd);
}

bool
state_lock_find(const char *folder, pid_t *pid)
{
	char *path = path_of(folder);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW |
	    O_NONBLOCK);
	bool held = fd != -1 && is_held(fd, pid);

	if (fd != -1)
		(void)close(fd);
	free(path);
	return held;
}
