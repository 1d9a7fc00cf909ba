/* Reading and opening files; see source.h.  It knows no option. */
#include "conf/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/encoding.h"
#include "base/file.h"
#include "base/shell.h"
#include "seal/seal.h"

static enum file_kind
kind_of(enum source_access access)
{
	switch (access) {
	case SOURCE_ANY:
		return FILE_ANY;
	case SOURCE_REGULAR:
		return FILE_REGULAR;
	case SOURCE_PRIVATE:
	case SOURCE_PRIVATE_OR_SEALED:
	case SOURCE_CREDENTIAL:
		break;
	}
	return FILE_PASSED;
}

static enum file_role
role_of(enum source_access access)
{
	switch (access) {
	case SOURCE_ANY:
	case SOURCE_REGULAR:
	case SOURCE_PRIVATE_OR_SEALED:
		break;
	case SOURCE_PRIVATE:
		return FILE_SECRET;
	case SOURCE_CREDENTIAL:
		return FILE_CREDENTIAL;
	}
	return FILE_OBEYED;
}

static void
refuse(struct source *s, const char *why)
{
	free(s->judge.why);
	s->judge.why = xstrdup(why);
}

static void
cut_mark(struct source *s)
{
	size_t mark = encoding_mark(s->text), n = s->text.n - mark;
	uint8_t *p = secret_bytes(s->bytes);

	s->marked = mark != 0;
	if (mark == 0)
		return;
	memmove(p, p + mark, n);
	secret_truncate(s->bytes, n);
	s->text = secret_text(s->bytes);
}

static void
read_all(struct source *s, int fd)
{
	s->bytes = secret_from_fd(fd, SOURCE_MAX, NULL);
	if (s->bytes == NULL) {
		refuse(s, errno != EFBIG ? strerror(errno) :
		    "too large: a configuration has 16 MiB at most");
		return;
	}
	s->text = secret_text(s->bytes);
	cut_mark(s);
	if (encoding_is_utf16(s->text))
		refuse(s, status_text(STATUS_UTF16));
}

/* Judges the file as a secret, where it turned out to be one. */
static void
judge_plain(struct source *s, int fd)
{
	struct stat st;

	s->judge.role = FILE_SECRET;
	if (fstat(fd, &st) != 0)
		refuse(s, strerror(errno));
	else
		file_judge_file(&s->judge, fd, &st);
}

/* Nothing of a refused file is kept. */
static const char *
conclude(struct source *s)
{
	if (s->judge.why == NULL)
		return NULL;
	secret_free(s->bytes);
	s->bytes = NULL;
	s->text = TEXT("");
	return s->judge.why;
}

const char *
source_read_as(struct source *s, const char *file, enum source_access access,
    struct file_us us)
{
	const struct file_request request = { .path = file,
		.kind = kind_of(access), .role = role_of(access), .us = us };
	int fd;

	*s = (struct source){ .file = file };
	fd = file_open(&request, &s->judge);
	if (fd < 0)
		return s->judge.why;
	read_all(s, fd);
	if (access == SOURCE_PRIVATE_OR_SEALED && s->bytes != NULL &&
	    !source_is_sealed(s))
		judge_plain(s, fd);
	(void)close(fd);
	return conclude(s);
}

const char *
source_read(struct source *s, const char *file, enum source_access access)
{
	const struct file_us nobody = { .user = false };

	return source_read_as(s, file, access, nobody);
}

const char *
source_read_standard(struct source *s)
{
	*s = (struct source){ .file = SOURCE_STANDARD };
	read_all(s, STDIN_FILENO);
	return conclude(s);
}

bool
source_is_standard(const char *path)
{
	return strcmp(path, "-") == 0;
}

const char *
source_name(const char *path)
{
	return source_is_standard(path) ? SOURCE_STANDARD : path;
}

char *
source_word(const char *path)
{
	char *all, *word;

	if (source_is_standard(path) || strcmp(path, SOURCE_STANDARD) == 0)
		return xstrdup("-");
	all = file_absolute(path);
	word = shell_word(all);
	free(all);
	return word;
}

char *
source_beside(const char *folder, const char *path)
{
	if (path[0] == '/' ||
	    (strcmp(folder, ".") == 0 && !source_is_standard(path)))
		return xstrdup(path);
	return xasprintf("%s%s%s", folder, strcmp(folder, "/") == 0 ? "" : "/",
	    path);
}

void
source_warn(const struct source *s, struct conf_diagnostics *diagnostics)
{
	const struct file_judge *j = &s->judge;

	if (j->warning != NULL)
		conf_warning(diagnostics, s->file, 0, "%s", j->warning);
	if (j->folder != NULL && !conf_diagnostics_have(diagnostics,
	    j->folder, 0, j->folder_warning))
		conf_warning(diagnostics, j->folder, 0, "%s",
		    j->folder_warning);
}

bool
source_is_sealed(const struct source *s)
{
	return seal_is_sealed((const uint8_t *)s->text.p, s->text.n);
}

enum status
source_open(struct source *s, const struct identities *ids,
    struct seal_fault *fault)
{
	struct secret *plain = NULL;
	enum status status;

	status = seal_open(ids, (const uint8_t *)s->text.p, s->text.n,
	    &plain, fault);
	if (status != STATUS_OK)
		return status;
	secret_free(s->bytes);
	s->bytes = plain;
	s->text = secret_text(plain);
	s->sealed = true;
	return STATUS_OK;
}

char *
source_writable(struct source *s)
{
	return (char *)secret_bytes(s->bytes);
}

struct secret *
source_take(struct source *s)
{
	struct secret *bytes = s->bytes;

	secret_truncate(bytes, s->text.n);
	s->bytes = NULL;
	s->text = (struct text){ .n = 0 };
	return bytes;
}

void
source_free(struct source *s)
{
	secret_free(s->bytes);
	file_judge_free(&s->judge);
	*s = (struct source){ .file = s->file };
}
