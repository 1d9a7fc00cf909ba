/*
 * Whether log and sockets can be where they shall be; see places.h.  Called
 * when all parts of a configuration are read.  What other programs do at the
 * moment, and TCP ports, are the business of whoever opens them.
 */
#include "conf/places.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

/* Why nothing can be made in a folder, or NULL. */
static const char *
explain_folder(const char *folder)
{
	struct stat st;

	if (stat(folder, &st) != 0)
		return errno == ENOENT ? "there is no such directory" :
		    strerror(errno);
	if (!S_ISDIR(st.st_mode))
		return "is not a directory";
	return access(folder, W_OK | X_OK) == 0 ? NULL : strerror(errno);
}

static bool
check_folder(struct reader *r, struct conf_where at, const char *option,
    const char *path)
{
	char *folder = file_folder(path);
	const char *why = explain_folder(folder);

	if (why != NULL)
		reader_fault_at(r, at, "option '%s': %s cannot be made: %s: "
		    "%s", option, path, folder, why);
	free(folder);
	return why == NULL;
}

/* Whether nobody but root may put another file in the place of this one. */
static bool
is_kept_by_root(const char *path)
{
	char *folder = file_folder(path);
	struct stat st;
	bool kept = stat(folder, &st) == 0 && st.st_uid == 0 &&
	    (st.st_mode & (S_IWGRP | S_IWOTH)) == 0;

	free(folder);
	return kept;
}

const char *
conf_refuses_link(const char *path, uint32_t uid)
{
	if (geteuid() != 0 || uid == CONF_NO_ID || uid == 0 ||
	    is_kept_by_root(path))
		return NULL;
	return "is a symbolic link, which root does not follow for workers "
	    "of another user";
}

/* The same of a path. */
static const char *
explain_link(const char *path, uint32_t uid)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode) ?
	    conf_refuses_link(path, uid) : NULL;
}

/* Why something that exists cannot be a log, or NULL. */
static const char *
explain_log(const char *path, const struct stat *st)
{
	if (S_ISDIR(st->st_mode))
		return "is a directory";
	if (S_ISSOCK(st->st_mode))
		return "is a socket";
	return access(path, W_OK) == 0 ? NULL : strerror(errno);
}

/*
 * Whether somebody reads a FIFO cannot be seen without opening it, which its
 * reader would take for a log that begins and ends.
 */
static void
warn_of_fifo(struct reader *r, struct conf_where at, const char *path)
{
	conf_warning(r->faults, at.file, at.line, "option 'access': %s is a "
	    "FIFO: 'run' starts only while a program reads it", path);
}

static void
check_log(struct reader *r, const struct draft *d)
{
	struct conf_where at = d->given.option[OPTION_LOG_access];
	const char *path = d->out.log.access, *why;
	struct stat st;

	if (path == NULL || option_find_word(&options[OPTION_LOG_access],
	    text_of(path)).found)
		return;
	if ((why = explain_link(path, d->out.uid)) != NULL) {
		reader_fault_at(r, at, "option 'access': %s: %s", path, why);
		return;
	}
	if (stat(path, &st) == 0) {
		why = explain_log(path, &st);
	} else if (errno != ENOENT) {
		why = strerror(errno);
	} else {
		(void)check_folder(r, at, "access", path);
		return;
	}
	if (why != NULL)
		reader_fault_at(r, at, "option 'access': %s: %s", path, why);
	else if (S_ISFIFO(st.st_mode))
		warn_of_fifo(r, at, path);
}

static void
check_socket(struct reader *r, const struct draft_listener *l)
{
	struct conf_where at = l->given.option[OPTION_LISTENER_address];
	const char *path = l->out.address.un.sun_path;
	struct stat st;

	if (check_folder(r, at, "address", path) && lstat(path, &st) == 0 &&
	    !S_ISSOCK(st.st_mode))
		reader_fault_at(r, at, "option 'address': %s: exists and is "
		    "not a socket", path);
}

void
places_check(struct reader *r, const struct draft *d)
{
	check_log(r, d);
	for (size_t i = 0; i < d->listeners.n; i++) {
		const struct draft_listener *l = draft_listener(d, i);

		if (l->given.valid[OPTION_LISTENER_address] &&
		    l->out.address.kind == ADDR_UNIX)
			check_socket(r, l);
	}
}
