/*
 * Files in memory; see memory_file.h.  Knows nothing of what is in them.
 */
#include "tty/memory_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/write.h"
#include "tty/secret_file.h"

#define MARK		"sallyport-edit."
#define LETTERS		6
#define ATTEMPTS	10

struct memory_file {
	char *folder;
	int fd;			/* of the folder, locked */
	char *path;
};

/* Finding file systems in memory, and sweeping them. */

/* Whether nobody but us and root can replace our folder by another one. */
static bool
is_safe(const char *folder)
{
	struct stat st;

	return stat(folder, &st) == 0 && S_ISDIR(st.st_mode) &&
	    (st.st_uid == geteuid() || st.st_uid == 0) &&
	    ((st.st_mode & 022) == 0 || (st.st_mode & S_ISVTX) != 0);
}

static bool
is_in_memory(const char *folder)
{
	struct statfs fs;

	return folder != NULL && folder[0] == '/' && is_safe(folder) &&
	    statfs(folder, &fs) == 0 &&
	    (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC) &&
	    access(folder, W_OK | X_OK) == 0;
}

static const char *
find_memory(void)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	static const char *const others[] = { "/dev/shm", "/run", "/tmp" };

	if (is_in_memory(runtime))
		return runtime;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (is_in_memory(others[i]))
			return others[i];
	}
	return NULL;
}

/* The pages of a file in memory are the file: overwriting wipes it. */
static void
wipe_file(int folder, const char *name)
{
	static const char zeros[4096];
	int fd = openat(folder, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC |
	    O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		for (off_t at = 0; at < st.st_size;
		    at += (off_t)sizeof(zeros)) {
			if (pwrite(fd, zeros, sizeof(zeros), at) < 0)
				break;
		}
	}
	(void)close(fd);
}

static void	empty_folder(int folder);

/* Removes folders that some editors keep beside a file, too. */
static void
remove_entry(int folder, const char *name)
{
	int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC);

	if (fd >= 0) {
		empty_folder(fd);
		(void)close(fd);
		(void)unlinkat(folder, name, AT_REMOVEDIR);
		return;
	}
	wipe_file(folder, name);
	(void)unlinkat(folder, name, 0);
}

static void
empty_folder(int folder)
{
	DIR *d = file_list(folder);
	struct dirent *e;

	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0)
			remove_entry(dirfd(d), e->d_name);
	}
	(void)closedir(d);
}

static bool
is_ours(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) &&
	    st.st_uid == geteuid() && flock(fd, LOCK_EX | LOCK_NB) == 0;
}

/* Removes what killed processes left behind. */
static void
sweep(const char *memory)
{
	DIR *d = opendir(memory);
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL) {
		int fd;

		if (strncmp(e->d_name, MARK, sizeof(MARK) - 1) != 0 ||
		    strlen(e->d_name) != sizeof(MARK) - 1 + LETTERS)
			continue;
		fd = openat(dirfd(d), e->d_name, O_RDONLY | O_DIRECTORY |
		    O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			continue;
		/*
		 * Locked while it is removed: its maker may be waiting for the
		 * lock.
		 */
		if (is_ours(fd)) {
			empty_folder(fd);
			(void)unlinkat(dirfd(d), e->d_name, AT_REMOVEDIR);
		}
		(void)close(fd);
	}
	if (d != NULL)
		(void)closedir(d);
}

/* The private folder and the file in it. */

/* Gives up the folder, which is empty. */
static void
leave_folder(struct memory_file *f)
{
	int saved = errno;

	if (f->folder != NULL)
		(void)rmdir(f->folder);
	if (f->fd >= 0)
		(void)close(f->fd);
	free(f->folder);
	f->folder = NULL;
	f->fd = -1;
	errno = saved;
}

/* A sweep may lock the folder first, and remove it as abandoned. */
static bool
lock_folder(struct memory_file *f)
{
	struct stat st;

	f->fd = open(f->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return f->fd >= 0 && flock(f->fd, LOCK_EX) == 0 &&
	    fstat(f->fd, &st) == 0 && st.st_nlink != 0;
}

static bool
make_folder(struct memory_file *f, const char *memory)
{
	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		f->folder = xasprintf("%s/" MARK "XXXXXX", memory);
		if (mkdtemp(f->folder) == NULL) {
			free(f->folder);
			f->folder = NULL;
			return false;
		}
		if (lock_folder(f))
			return true;
		leave_folder(f);
	}
	return false;
}

static bool
write_file(struct memory_file *f, const char *name, struct text t)
{
	bool good;
	int fd;

	f->path = xasprintf("%s/%s", f->folder, name);
	fd = open(f->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	good = write_all(fd, t.p, t.n);
	return close(fd) == 0 && good;
}

struct memory_file *
memory_file_new(const char *name, struct text t, struct reasons *why)
{
	const char *memory = find_memory();
	struct memory_file *f;

	if (memory == NULL) {
		(void)reasons_fail(why, "there is no file system in "
		    "memory to edit in (tmpfs): mount one on /dev/shm, or "
		    "set XDG_RUNTIME_DIR");
		return NULL;
	}
	sweep(memory);
	f = xcalloc(1, sizeof(*f));
	f->fd = -1;
	if (make_folder(f, memory) && write_file(f, name, t))
		return f;
	(void)reasons_fail(why, "%s: cannot hold the text: %m", memory);
	memory_file_free(f);
	return NULL;
}

const char *
memory_file_path(const struct memory_file *f)
{
	return f->path;
}

struct secret *
memory_file_read(const struct memory_file *f, size_t max,
    struct reasons *why)
{
	const struct file_request request = { .path = f->path,
		.kind = FILE_REGULAR, .role = FILE_DATA };

	return secret_file_read(&request, "the text", max, why);
}

void
memory_file_free(struct memory_file *f)
{
	int saved = errno;

	if (f == NULL)
		return;
	if (f->fd >= 0)
		empty_folder(f->fd);
	leave_folder(f);
	free(f->path);
	free(f);
	errno = saved;
}
