/*
 * Whether log and sockets can be made at their paths; see paths.h.  Called
 * when all parts of a configuration are read.  Names in use by running
 * programs, and TCP ports, are left to the code that opens them.
 */
#include "conf/paths.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/inherited.h"
#include "conf/log_file.h"
#include "conf/openers.h"
#include "conf/state_folder.h"

/* The access log has a file, which its option names. */
static bool
has_log_file(const struct draft *d)
{
	const char *path = d->out.log.access;

	return path != NULL && !option_find_word(&options[OPTION_LOG_access],
	    text_of(path)).found;
}

static bool
check_folder(struct reader *r, struct conf_where at, const char *option,
    const char *path)
{
	char *folder = file_folder(path);
	const char *why = file_check_folder(folder);

	if (why != NULL)
		reader_error_at(r, at, "option '%s': %s cannot be made: %s: "
		    "%s", option, path, folder, why);
	free(folder);
	return why == NULL;
}

/*
 * Whether a FIFO has a reader cannot be seen without opening it, which the
 * reader would take for a log that begins and ends.
 */
static void
warn_of_fifo(struct reader *r, struct conf_where at, const char *path)
{
	conf_warning(r->diagnostics, at.file, at.line, "option 'access': %s is "
	    "a FIFO: 'run' starts only while a program reads it", path);
}

/* The log would overwrite the file.  Compares files, not names. */
static bool
is_file_of_ours(const struct reader *r, const char *path)
{
	struct stat log, st;

	if (stat(path, &log) != 0)
		return false;
	for (size_t i = 0; i < r->files->n; i++) {
		if (stat(r->files->v[i], &st) == 0 &&
		    st.st_dev == log.st_dev && st.st_ino == log.st_ino)
			return true;
	}
	return false;
}

static void
check_log(struct reader *r, const struct draft *d)
{
	struct conf_where at = d->given.option[OPTION_LOG_access];
	const char *path = d->out.log.access;
	bool fifo = false;
	char *why;

	if (!has_log_file(d))
		return;
	if (is_file_of_ours(r, path))
		why = xasprintf("%s is a file of this configuration", path);
	else
		why = log_file_check(path, d->out.uid, &fifo);
	if (why != NULL)
		reader_error_at(r, at, "option 'access': %s", why);
	else if (fifo)
		warn_of_fifo(r, at, path);
	free(why);
}

static void
check_state(struct reader *r, const struct draft *d)
{
	struct conf_where at = d->given.option[OPTION_CONF_state_dir];
	char *why, *warning;

	if (d->out.state_dir == NULL)
		return;
	why = state_folder_check(d->out.state_dir, d->out.uid, &warning);
	if (why != NULL)
		reader_error_at(r, at, "option 'state_dir': %s: %s",
		    d->out.state_dir, why);
	else if (warning != NULL)
		conf_warning(r->diagnostics, at.file, at.line, "option "
		    "'state_dir': %s: %s", d->out.state_dir, warning);
	free(why);
	free(warning);
}

/* -- Unix sockets -- */

/*
 * Tries to give away a file without a name: 0 or an errno.  Where that cannot
 * be tried, making the socket will tell.
 */
static int
try_to_give(uint32_t owner, uint32_t group)
{
	int e = 0, fd = memfd_create("owner", MFD_CLOEXEC);

	if (fd == -1)
		return 0;
	if (fchown(fd, owner, group) == -1)
		e = errno;
	close(fd);
	return e;
}

static void
check_given(struct reader *r, const struct draft_listener *l,
    enum option_id id, int e, const char *hint)
{
	if (e != 0)
		reader_error_at(r, l->given.option[id], "option '%s': cannot "
		    "be set: %s%s", options[id].name, strerror(e),
		    e == EPERM ? hint : "");
}

/* A group that the folder determines need not be set. */
static void
check_owner(struct reader *r, const struct draft_listener *l)
{
	uint32_t owner = l->out.owner, group = l->out.group;

	if (owner != CONF_NO_ID)
		check_given(r, l, OPTION_LISTENER_owner,
		    try_to_give(owner, CONF_NO_ID), " (root may)");
	if (group != CONF_NO_ID &&
	    group != openers_group_of_folder(l->out.address.un.sun_path))
		check_given(r, l, OPTION_LISTENER_group,
		    try_to_give(CONF_NO_ID, group), " (root may, and the "
		    "group's members)");
}

/* A name identified by its folder, however that is spelled. */
static const char *
name_in_folder(struct reader *r, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = file_folder(path), *name = NULL;
	const char *kept = NULL;
	struct stat st;

	if (stat(folder, &st) == 0) {
		name = xasprintf("%llx:%llx/%s", (unsigned long long)st.st_dev,
		    (unsigned long long)st.st_ino, slash != NULL ? slash + 1 :
		    path);
		kept = arena_cstr(r->scratch, text_of(name));
	}
	free(name);
	free(folder);
	return kept;
}

/* The same name spelled the same way was found before. */
static void
check_taken(struct reader *r, const struct draft *d,
    const struct draft_listener *l, size_t first)
{
	struct conf_where at = d->given.option[OPTION_LOG_access];
	const struct draft_listener *other;
	const char *what = "the access log", *path = "";

	if (first < draft_n_sockets(d)) {
		other = draft_socket(d, first);
		at = other->given.option[OPTION_LISTENER_address];
		what = "another listener, ";
		path = other->out.address_text;
		if (strcmp(path, l->out.address_text) == 0)
			return;
	}
	reader_error_at(r, l->given.option[OPTION_LISTENER_address],
	    "option 'address': %s is taken by %s%s, at %s:%u",
	    l->out.address_text, what, path, at.file, at.line);
}

/*
 * One that systemd passed in is there already: its folder need not be writable,
 * and whose it is was decided.
 */
static void
check_socket(struct reader *r, const struct draft *d, struct lookup *names,
    size_t i)
{
	const struct draft_listener *l = draft_socket(d, i);
	struct conf_where at = l->given.option[OPTION_LISTENER_address];
	const char *path = l->out.address.un.sun_path, *name;
	bool made = inherited_find(&l->out.address) != -1;
	size_t first = LOOKUP_NONE;
	struct stat st;

	if (!made && !check_folder(r, at, "address", path))
		return;
	name = name_in_folder(r, path);
	if (name != NULL)
		first = lookup_add(names, name, i);
	if (first != LOOKUP_NONE)
		check_taken(r, d, l, first);
	else if (lstat(path, &st) == 0 && !S_ISSOCK(st.st_mode))
		reader_error_at(r, at, "option 'address': %s: exists and is "
		    "not a socket", path);
	if (!made)
		check_owner(r, l);
	openers_check(r, l);
}

void
paths_check(struct reader *r, const struct draft *d)
{
	struct lookup names = { .n = 0 };
	const char *log = NULL;

	check_state(r, d);
	check_log(r, d);
	if (has_log_file(d))
		log = name_in_folder(r, d->out.log.access);
	if (log != NULL)
		(void)lookup_add(&names, log, draft_n_sockets(d));
	for (size_t i = 0; i < draft_n_sockets(d); i++) {
		const struct draft_listener *l = draft_socket(d, i);

		if (l->given.valid[OPTION_LISTENER_address] &&
		    l->out.address.kind == ADDR_UNIX)
			check_socket(r, d, &names, i);
	}
	lookup_free(&names);
}
