/*
 * Reading and opening files; see source.h.  Knows no option.
 */
#include "conf/source.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "seal/seal.h"

#define READ_FIRST	((size_t)8 * 1024)

/* Twice the room, and the same n bytes in it. */
static void
grow(struct secret **bytes, size_t n)
{
	struct secret *more = secret_new(secret_len(*bytes) * 2);

	memcpy(secret_bytes(more), secret_read(*bytes), n);
	secret_free(*bytes);
	*bytes = more;
}

/* All of it and a NUL. */
static const char *
read_all(int fd, struct secret **bytes, size_t *length)
{
	size_t n = 0;
	ssize_t got;

	for (;;) {
		got = read(fd, secret_bytes(*bytes) + n,
		    secret_len(*bytes) - 1 - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return strerror(errno);
		if (got == 0)
			break;
		n += (size_t)got;
		if (n > SOURCE_MAX)
			return "too large: a configuration has 16 MiB at "
			       "most";
		if (n == secret_len(*bytes) - 1)
			grow(bytes, n);
	}
	secret_bytes(*bytes)[n] = '\0';
	*length = n;
	return NULL;
}

static enum file_kind
kind_of(enum source_access access)
{
	switch (access) {
	case SOURCE_ANY:
		return FILE_ANY;
	case SOURCE_REGULAR:
		return FILE_REGULAR;
	case SOURCE_PRIVATE:
	case SOURCE_CREDENTIAL:
		break;
	}
	return FILE_PASSED;
}

static const char *
check_private(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return strerror(errno);
	if ((st.st_mode & 077) != 0)
		return "group or others may use it: chmod 600 it, and if "
		       "somebody else may have read it, make a new one";
	return NULL;
}

static const char *
read_file(struct source *s, enum source_access access)
{
	int fd;
	const char *why = file_open(s->file, kind_of(access), &fd);

	if (why != NULL)
		return why;
	if (access == SOURCE_PRIVATE)
		why = check_private(fd);
	if (why == NULL) {
		s->bytes = secret_new(READ_FIRST);
		why = read_all(fd, &s->bytes, &s->text.n);
		s->text.p = (const char *)secret_read(s->bytes);
	}
	(void)close(fd);
	return why;
}

const char *
source_read(struct source *s, const char *file, enum source_access access)
{
	const char *why;

	*s = (struct source){ .file = file };
	why = read_file(s, access);
	if (why != NULL)
		source_free(s);
	return why;
}

bool
source_is_sealed(const struct source *s)
{
	return seal_is_sealed((const uint8_t *)s->text.p, s->text.n);
}

enum status
source_open(struct source *s, const struct identities *ids, unsigned *line)
{
	struct secret *plain = NULL, *text;
	enum status status;
	size_t n;

	status = seal_open_line(ids, (const uint8_t *)s->text.p, s->text.n,
	    &plain, line);
	if (status != STATUS_OK)
		return status;
	n = secret_len(plain);
	text = secret_new(n + 1);
	memcpy(secret_bytes(text), secret_read(plain), n);
	secret_free(plain);
	secret_free(s->bytes);
	s->bytes = text;
	s->text = (struct text){ .p = (const char *)secret_read(text),
		.n = n };
	s->sealed = true;
	return STATUS_OK;
}

char *
source_writable(struct source *s)
{
	return (char *)secret_bytes(s->bytes);
}

void
source_free(struct source *s)
{
	secret_free(s->bytes);
	*s = (struct source){ .file = s->file };
}
