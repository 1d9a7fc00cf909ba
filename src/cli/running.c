/*
 * Processes that run a configuration; see running.h.
 */
#include "cli/running.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "cli/config_file.h"
#include "cli/verb.h"

/* No `run` has a longer command line. */
#define MOST_BYTES	4096
#define MOST_WORDS	64

struct command {
	char bytes[MOST_BYTES + 1];
	const char *words[MOST_WORDS];
	size_t n;
};

/* Reads a file of /proc/PID; ends it with NUL; false if it cannot be read. */
static bool
read_proc(const char *pid, const char *name, char *to, size_t size, size_t *n)
{
	char path[64];
	ssize_t got;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%.20s/%.20s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return false;
	got = read(fd, to, size - 1);
	close(fd);
	*n = got > 0 ? (size_t)got : 0;
	to[*n] = '\0';
	return got > 0;
}

/* Whether it is this program, under whatever name it was installed. */
static bool
is_sallyport(const char *pid)
{
	char ours[32], theirs[32];
	size_t n;

	return read_proc("self", "comm", ours, sizeof(ours), &n) &&
	    read_proc(pid, "comm", theirs, sizeof(theirs), &n) &&
	    strcmp(ours, theirs) == 0;
}

/* Its effective user (proc_pid_status(5)). */
static uint32_t
user_of(const char *pid)
{
	char status[1024];
	const char *line;
	unsigned uid;
	size_t n;

	if (!read_proc(pid, "status", status, sizeof(status), &n))
		return UINT32_MAX;
	line = strstr(status, "\nUid:");
	if (line == NULL || sscanf(line, "\nUid: %*u %u", &uid) != 1)
		return UINT32_MAX;
	return uid;
}

static bool
read_command(const char *pid, struct command *c)
{
	size_t n;

	c->n = 0;
	if (!read_proc(pid, "cmdline", c->bytes, sizeof(c->bytes), &n) ||
	    n == MOST_BYTES)
		return false;
	for (const char *p = c->bytes; p < c->bytes + n; p += strlen(p) + 1) {
		if (c->n == MOST_WORDS)
			return false;
		c->words[c->n++] = p;
	}
	return true;
}

/* The file of a `run` without -c, to be freed. */
static char *
default_file(const char *pid)
{
	const struct cli_args nothing = { .n_given = 0 };

	if (user_of(pid) == geteuid())
		return config_file_find(&nothing);
	return xstrdup(CONFIG_FOLDER "/" CONFIG_FILE);
}

/* The verb, if the command is `run`; NULL: it is another one. */
static const struct verb *
find_run(const struct running *r, const struct command *c, size_t *used)
{
	const struct verb *v = c->n < 2 ? NULL :
	    verb_find(r->verbs, c->words + 1, c->n - 1, used);

	return v != NULL && strcmp(v->name, "run") == 0 ? v : NULL;
}

/*
 * The configuration that the command runs, to be freed; NULL: another command.
 */
static char *
file_of(const struct running *r, const char *pid, const struct command *c)
{
	struct cli_args args;
	const char *given;
	char *why, *file = NULL;
	size_t used;
	const struct verb *run = find_run(r, c, &used);

	if (run == NULL)
		return NULL;
	used++;
	why = cli_args_parse(&args, run->options, (int)(c->n - used),
	    c->words + used);
	if (why == NULL) {
		given = cli_args_value(&args, "config");
		file = given != NULL ? xstrdup(given) : default_file(pid);
	}
	free(why);
	cli_args_free(&args);
	return file;
}

/* Looks in that process's folder, or, if we may not see that, in ours. */
static bool
find_file(const char *pid, const char *file, struct stat *st)
{
	char *seen = xasprintf("/proc/%s/%s/%s", pid,
	    file[0] == '/' ? "root" : "cwd", file);
	bool found = stat(seen, st) == 0;

	if (!found && errno == EACCES &&
	    (file[0] == '/' || user_of(pid) == geteuid()))
		found = stat(file, st) == 0;
	free(seen);
	return found;
}

static bool
runs(const struct running *r, const char *pid)
{
	struct stat ours, theirs;
	struct command c;
	char *its = NULL;
	bool same;

	if (is_sallyport(pid) && read_command(pid, &c))
		its = file_of(r, pid, &c);
	same = its != NULL && stat(r->file, &ours) == 0 &&
	    find_file(pid, its, &theirs) && ours.st_dev == theirs.st_dev &&
	    ours.st_ino == theirs.st_ino;
	free(its);
	return same;
}

/* A process that runs the file; of that user, if it is known. */
static pid_t
search(const struct running *r, uint32_t user)
{
	DIR *proc = opendir("/proc");
	const struct dirent *e;
	uint64_t pid, found = 0;

	while (proc != NULL && found == 0 && (e = readdir(proc)) != NULL) {
		if (text_parse_u64(text_of(e->d_name), INT32_MAX, &pid) &&
		    runs(r, e->d_name) &&
		    (user == UINT32_MAX || user_of(e->d_name) == user))
			found = pid;
	}
	if (proc != NULL)
		(void)closedir(proc);
	return (pid_t)found;
}

bool
running_is_ours(void *running, const struct holder *h)
{
	struct running *r = running;
	char pid[24];
	pid_t found = 0;

	/* That of root may be one that systemd made and passed on. */
	(void)snprintf(pid, sizeof(pid), "%d", (int)h->pid);
	if (h->pid == 0)
		found = search(r, h->uid != 0 ? h->uid : UINT32_MAX);
	else if (runs(r, pid))
		found = h->pid;
	if (found != 0)
		r->pid = found;
	return found != 0;
}
