/*
 * Reading and opening files; see source.h.  Knows no option.
 */
#include "conf/source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "seal/seal.h"

#define READ_FIRST	((size_t)8 * 1024)

static const char *
check_access(int fd, enum source_access access)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return strerror(errno);
	if (S_ISDIR(st.st_mode))
		return "is a directory";
	if (access == SOURCE_REGULAR && !S_ISREG(st.st_mode))
		return "is not a file";
	if (access == SOURCE_PRIVATE && (st.st_mode & 077) != 0)
		return "group or others may use it: chmod 600 it, and if "
		       "somebody else may have read it, make a new one";
	return NULL;
}

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

static const char *
read_file(struct source *s, enum source_access access)
{
	int wait = access == SOURCE_REGULAR ? O_NONBLOCK : 0;
	int fd = open(s->file, O_RDONLY | O_CLOEXEC | O_NOCTTY | wait);
	const char *why;

	if (fd < 0)
		return strerror(errno);
	why = check_access(fd, access);
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

static void
explain(const struct source *s, enum status status, unsigned line,
    const struct identities *ids, const char *from,
    struct conf_faults *faults)
{
	char recipient[RECIPIENT_TEXT];

	if (status != STATUS_NO_MATCH || identities_count(ids) == 0) {
		conf_fault(faults, s->file, line, "%s", status_text(status));
		return;
	}
	identities_recipient(ids, 0, recipient);
	conf_fault(faults, s->file, 0, "sealed to somebody else: none of "
	    "the %zu in %s opens it; seal it to the recipient %s",
	    identities_count(ids), from, recipient);
}

bool
source_open(struct source *s, const struct identities *ids,
    const char *from, struct conf_faults *faults)
{
	struct secret *plain = NULL, *text;
	enum status status;
	unsigned line;
	size_t n;

	status = seal_open_line(ids, (const uint8_t *)s->text.p, s->text.n,
	    &plain, &line);
	if (status != STATUS_OK) {
		explain(s, status, line, ids, from, faults);
		return false;
	}
	n = secret_len(plain);
	text = secret_new(n + 1);
	memcpy(secret_bytes(text), secret_read(plain), n);
	secret_free(plain);
	secret_free(s->bytes);
	s->bytes = text;
	s->text = (struct text){ .p = (const char *)secret_read(text),
		.n = n };
	s->sealed = true;
	return true;
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
