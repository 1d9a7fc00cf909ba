/*
 * The files of `state_dir`; see state_file.h.  What is in them is the business
 * of key_records.
 */
#include "keys/state_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/replace.h"

#define PIECE	((size_t)64 << 10)

static const char *const names[] = {
	[RECORDS_KEYS] = "keys.json", [RECORDS_DISABLED] = "disabled.json",
};

char *
state_file_path(const char *folder, enum records_file file)
{
	return xasprintf("%s/%s", folder, names[file]);
}

/* -- reading -- */

/* "PATH: WHY"; takes the path. */
static char *
complain(char *path, const char *why)
{
	char *text = xasprintf("%s: %s", path, why);

	free(path);
	return text;
}

/* All bytes, as far as a file of ours has any.  False with errno. */
static bool
read_all(int fd, struct buf *into)
{
	char *piece = xmalloc(PIECE);
	ssize_t n;

	do {
		n = read(fd, piece, PIECE);
		if (n > 0)
			buf_append(into, piece, (size_t)n);
	} while ((n > 0 && buf_len(into) <= RECORDS_TEXT_MOST) ||
	    (n < 0 && errno == EINTR));
	free(piece);
	return n >= 0;
}

/* Why this open file is not taken for one of ours, or NULL; to be freed. */
static char *
judge_owner(int fd, uint32_t uid)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return xstrdup(strerror(errno));
	if (st.st_uid != 0 && st.st_uid != geteuid() && st.st_uid != uid)
		return xasprintf("it belongs to user %u, who is neither root "
		    "nor who runs this", (unsigned)st.st_uid);
	return NULL;
}

static char *
read_open(int fd, enum records_file file, uint32_t uid,
    struct key_records *into)
{
	char *why = judge_owner(fd, uid);
	const char *fault;
	struct buf text;

	if (why != NULL)
		return why;
	buf_init(&text, NULL);
	if (!read_all(fd, &text)) {
		why = xstrdup(strerror(errno));
	} else {
		fault = key_records_read(into, file, buf_text(&text));
		why = fault != NULL ? xstrdup(fault) : NULL;
	}
	buf_release(&text);
	return why;
}

static bool
is_missing(const char *path)
{
	struct stat st;

	return lstat(path, &st) != 0 && errno == ENOENT;
}

char *
state_file_read(const char *folder, enum records_file file, uint32_t uid,
    struct key_records *into)
{
	char *path = state_file_path(folder, file), *why = NULL;
	struct file_judge judge;
	int fd = -1;

	if (is_missing(path)) {
		free(path);
		return NULL;
	}
	fd = file_open(&(struct file_request){ .path = path,
		.kind = FILE_REGULAR, .role = FILE_OBEYED }, &judge);
	if (fd == -1) {
		why = xstrdup(judge.why);
	} else {
		why = read_open(fd, file, uid, into);
		(void)close(fd);
	}
	file_judge_free(&judge);
	if (why != NULL) {
		path = complain(path, why);
		free(why);
		return path;
	}
	free(path);
	return NULL;
}

/* -- writing -- */

static enum status
replace(const char *path, struct text text)
{
	struct replacement *r = NULL;
	enum status status = replace_begin(&r, path, REPLACE_OWN);

	if (status == STATUS_OK)
		status = replace_write(r, text.p, text.n);
	if (status == STATUS_OK)
		status = replace_commit(r);
	replace_end(r);
	return status;
}

enum status
state_file_write(const char *folder, enum records_file file, struct text text)
{
	char *path = state_file_path(folder, file);
	enum status status = replace(path, text);

	free(path);
	return status;
}
