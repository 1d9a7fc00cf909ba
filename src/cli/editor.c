/*
 * Editing in memory; see editor.h.  Knows nothing of what is edited.
 */
#include "cli/editor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/magic.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/write.h"
#include "cli/input.h"
#include "cli/interrupt.h"
#include "cli/vault.h"
#include "cli/verbs.h"

#define MARK		"sallyport-edit."
#define LETTERS		6
#define ATTEMPTS	10

struct editor {
	char *folder;
	int fd;			/* of the folder, locked */
	char *path;
};

/* Finding and sweeping places in memory. */

/* Nobody but us and root can put another folder in the place of ours. */
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

/* Some editors keep folders of their own beside a file. */
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

/* What processes that were killed left. */
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
		/* Under the lock, for those who made it and wait for that. */
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

/* Gives the folder up, which is empty. */
static void
leave_folder(struct editor *e)
{
	int saved = errno;

	if (e->folder != NULL)
		(void)rmdir(e->folder);
	if (e->fd >= 0)
		(void)close(e->fd);
	free(e->folder);
	e->folder = NULL;
	e->fd = -1;
	errno = saved;
}

/* A sweep may come before the lock, and take it for abandoned. */
static bool
lock_folder(struct editor *e)
{
	struct stat st;

	e->fd = open(e->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return e->fd >= 0 && flock(e->fd, LOCK_EX) == 0 &&
	    fstat(e->fd, &st) == 0 && st.st_nlink != 0;
}

static bool
make_folder(struct editor *e, const char *memory)
{
	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		e->folder = xasprintf("%s/" MARK "XXXXXX", memory);
		if (mkdtemp(e->folder) == NULL) {
			free(e->folder);
			e->folder = NULL;
			return false;
		}
		if (lock_folder(e))
			return true;
		leave_folder(e);
	}
	return false;
}

static bool
write_file(struct editor *e, const char *name, struct text t)
{
	bool good;
	int fd;

	e->path = xasprintf("%s/%s", e->folder, name);
	fd = open(e->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	good = write_all(fd, t.p, t.n);
	return close(fd) == 0 && good;
}

struct editor *
editor_begin(const char *name, struct text t)
{
	const char *memory = find_memory();
	struct editor *e;

	if (memory == NULL) {
		(void)cli_failed("there is no file system in memory to edit "
		    "in (tmpfs): mount one on /dev/shm, or set "
		    "XDG_RUNTIME_DIR");
		return NULL;
	}
	sweep(memory);
	e = xcalloc(1, sizeof(*e));
	e->fd = -1;
	if (make_folder(e, memory) && write_file(e, name, t))
		return e;
	(void)cli_failed("%s: cannot hold the text: %m", memory);
	editor_end(e);
	return NULL;
}

const char *
editor_path(const struct editor *e)
{
	return e->path;
}

/* Running it. */

static const char *
find_editor(void)
{
	const char *visual = getenv("VISUAL"), *editor = getenv("EDITOR");

	if (visual != NULL && visual[0] != '\0')
		return visual;
	return editor != NULL && editor[0] != '\0' ? editor : "vi";
}

/*
 * What $EDITOR says may have options: the shell splits it, as elsewhere.
 * Vim, by whatever name, would keep registers and old texts in the user's
 * home: it is told not to.
 */
static char *
editor_command(const char *editor)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+";
	size_t n = strspn(editor, plain);

	if (n == 0 || (editor[n] != '\0' && editor[n] != ' '))
		return xasprintf("exec %s \"$1\"", editor);
	return xasprintf("case $(readlink -f \"$(command -v %.*s)\") in\n"
	    "*/vim|*/vim.*|*/nvim) set -- -n -i NONE "
	    "-c 'set nobackup noundofile' \"$1\" ;;\n"
	    "esac\nexec %s \"$@\"", (int)n, editor, editor);
}

static void
run_in_child(const char *editor, const char *path)
{
	const struct rlimit none = { .rlim_cur = 0, .rlim_max = 0 };
	char *command = editor_command(editor);

	interrupt_undo_in_child();
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)umask(077);
	(void)execl("/bin/sh", "sh", "-c", command, "sh", path,
	    (char *)NULL);
	_exit(127);
}

static bool
explain_end(const char *editor, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		(void)cli_failed("the editor '%s' cannot be run: set EDITOR",
		    editor);
	else if (WIFEXITED(status))
		(void)cli_failed("the editor '%s' failed with status %d",
		    editor, WEXITSTATUS(status));
	else
		(void)cli_failed("the editor '%s' was ended by signal %d",
		    editor, WTERMSIG(status));
	return false;
}

bool
editor_run(struct editor *e)
{
	const char *editor = find_editor();
	int status;
	pid_t child;

	(void)fflush(stdout);
	child = fork();
	if (child < 0) {
		(void)cli_failed("cannot run the editor: %m");
		return false;
	}
	if (child == 0)
		run_in_child(editor, e->path);
	status = interrupt_wait_child(child);
	if (interrupt_pending())
		return false;
	return (WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
	    explain_end(editor, status);
}

struct secret *
editor_text(const struct editor *e)
{
	return input_read_kind(e->path, FILE_REGULAR, "the text", VAULT_MAX);
}

void
editor_end(struct editor *e)
{
	int saved = errno;

	if (e == NULL)
		return;
	if (e->fd >= 0)
		empty_folder(e->fd);
	leave_folder(e);
	free(e->path);
	free(e);
	errno = saved;
}
