/*
 * The access log's descriptor; see access_file.h.
 */
#include "daemon/access_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "conf/log_file.h"

/* Standard output belongs to others, and "none" to nobody. */
static bool
is_file(const char *path)
{
	return strcmp(path, "none") != 0 && strcmp(path, "stdout") != 0;
}

static bool
open_path(const struct conf *conf, int *fd, bool *made, const char **why)
{
	const char *path = conf->log.access;

	*fd = -1;
	*made = false;
	if (strcmp(path, "none") == 0)
		return true;
	if (is_file(path)) {
		*fd = log_file_open(path, conf->uid, made, why);
		return *fd != -1;
	}
	*fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	*why = strerror(errno);
	return *fd != -1;
}

struct access_file *
access_file_take(const struct conf *conf, struct access_file *current,
    const char **why)
{
	struct access_file *a;
	bool made;
	int fd;

	if (current != NULL && strcmp(current->path, conf->log.access) == 0) {
		current->users++;
		return current;
	}
	if (!open_path(conf, &fd, &made, why))
		return NULL;
	a = xcalloc(1, sizeof(*a));
	a->fd = fd;
	a->made = made;
	a->path = xstrdup(conf->log.access);
	a->users = 1;
	a->torn = mmap(NULL, sizeof(*a->torn), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (a->torn == MAP_FAILED)
		alloc_failed();
	return a;
}

void
access_file_keep(struct access_file *a)
{
	a->made = false;
}

void
access_file_leave(struct access_file *a)
{
	if (a == NULL || --a->users != 0)
		return;
	if (a->made)
		log_file_take_back(a->path, a->fd);
	if (a->fd != -1)
		close(a->fd);
	munmap(a->torn, sizeof(*a->torn));
	free(a->path);
	free(a);
}

bool
access_file_reopen(struct access_file *a, const struct conf *conf,
    const char **why)
{
	bool made;
	int fd;

	*why = NULL;
	if (!is_file(a->path) || !open_path(conf, &fd, &made, why))
		return false;
	close(a->fd);
	a->fd = fd;
	return true;
}
