/*
 * Opening files folder by folder; see walk.h.  Judges nothing.  Called by
 * file.c.
 */
#include "base/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "base/alloc.h"

/* The kernel's own limit. */
#define LINKS		40

#define STRIDE		256	/* levels above that are opened at once */

struct walk {
	const struct walk_look *look;
	int flags;		/* to open the file with */
	int at;			/* the folder reached so far; -1: none */
	char *path;		/* with links resolved so far */
	const char *rest;	/* of it, from that folder */
	unsigned links;
	int file;		/* the end; -1: not there yet */
};

static int
open_folder(int at, const char *name)
{
	return openat(at, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* The descriptor is the walk's.  False with errno. */
static bool
enter(struct walk *w, int folder)
{
	if (folder < 0)
		return false;
	if (w->at >= 0)
		(void)close(w->at);
	w->at = folder;
	w->look->folder(w->look->ctx, folder);
	return true;
}

static bool
is_same(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 &&
	    x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* Opens the folder so many levels above the working directory. */
static int
open_above(unsigned levels)
{
	int at = open_folder(AT_FDCWD, "."), above;
	char up[3 * STRIDE + 1];

	while (at >= 0 && levels > 0) {
		unsigned n = levels < STRIDE ? levels : STRIDE;

		for (unsigned i = 0; i < n; i++)
			memcpy(up + 3 * (size_t)i, "../", sizeof("../"));
		above = open_folder(at, up);
		(void)close(at);
		at = above;
		levels -= n;
	}
	return at;
}

/* The number of folders above, up to the root or one we may not enter. */
static unsigned
count_above(void)
{
	int at = open_folder(AT_FDCWD, "."), above;
	unsigned n = 0;

	while (at >= 0) {
		above = open_folder(at, "..");
		if (above >= 0 && is_same(at, above)) {
			(void)close(above);
			above = -1;
		}
		n += above >= 0;
		(void)close(at);
		at = above;
	}
	return n;
}

static void
look_above(const struct walk *w)
{
	for (unsigned n = count_above(); n > 0; n--) {
		int folder = open_above(n);

		if (folder < 0)
			continue;
		w->look->folder(w->look->ctx, folder);
		(void)close(folder);
	}
}

static bool
begin(struct walk *w)
{
	if (w->rest[0] == '/')
		return enter(w, open_folder(AT_FDCWD, "/"));
	look_above(w);
	return enter(w, open_folder(AT_FDCWD, "."));
}

/* The next name, to be freed; NULL: there is none. */
static char *
take_name(struct walk *w)
{
	const char *name = w->rest + strspn(w->rest, "/");
	size_t n = strcspn(name, "/");

	w->rest = name + n;
	return n != 0 ? xstrndup(name, n) : NULL;
}

static bool
is_last(const struct walk *w)
{
	return w->rest[strspn(w->rest, "/")] == '\0';
}

/*
 * Opens the file at the end of the path.  A name with a slash behind it is a
 * folder.
 */
static bool
open_file(struct walk *w, const char *name, int nofollow)
{
	int folder = *w->rest != '\0' ? O_DIRECTORY : 0;

	w->file = openat(w->at, name, w->flags | nofollow | folder);
	return w->file >= 0;
}

/* The target of a link in /proc need not have a name. */
static bool
is_of_proc(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

static bool
follow(struct walk *w, int link)
{
	char target[PATH_MAX], *path;
	ssize_t n = readlinkat(link, "", target, sizeof(target) - 1);

	if (n < 0)
		return false;
	if (n == 0 || ++w->links > LINKS) {
		errno = n == 0 ? ENOENT : ELOOP;
		return false;
	}
	target[n] = '\0';
	path = xasprintf("%s%s", target, w->rest);
	free(w->path);
	w->path = path;
	w->rest = path;
	return path[0] != '/' || enter(w, open_folder(AT_FDCWD, "/"));
}

static bool
pass_link(struct walk *w, const char *name, int link, const struct stat *st)
{
	w->look->link(w->look->ctx, st);
	if (!is_of_proc(link))
		return follow(w, link);
	return is_last(w) ? open_file(w, name, 0) :
	    enter(w, open_folder(w->at, name));
}

static bool
pass(struct walk *w, const char *name)
{
	int fd = openat(w->at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC), error;
	struct stat st;
	bool good = false;

	if (fd < 0)
		return false;
	if (fstat(fd, &st) == 0 && S_ISLNK(st.st_mode))
		good = pass_link(w, name, fd, &st);
	else if (is_last(w))
		good = open_file(w, name, O_NOFOLLOW);
	else
		good = enter(w, open_folder(fd, "."));
	error = errno;
	(void)close(fd);
	errno = error;
	return good;
}

/* The path may end in a folder, "/" or "link" to one. */
static bool
step(struct walk *w)
{
	char *name = take_name(w);
	bool good = name != NULL ? pass(w, name) : open_file(w, ".", 0);
	int error = errno;

	free(name);
	errno = error;
	return good;
}

int
walk_open(const char *path, int flags, const struct walk_look *look)
{
	struct walk w = { .look = look, .flags = flags | O_CLOEXEC, .at = -1,
		.file = -1 };
	int error;

	if (path[0] == '\0') {
		errno = ENOENT;
		return -1;
	}
	w.path = xstrdup(path);
	w.rest = w.path;
	if (begin(&w)) {
		while (w.file < 0 && step(&w))
			continue;
	}
	error = errno;
	if (w.at >= 0)
		(void)close(w.at);
	free(w.path);
	errno = error;
	return w.file;
}
