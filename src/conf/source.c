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
read_all(struct source *s, int fd)
{
	s->bytes = secret_from_fd(fd, SOURCE_MAX, NULL);
	if (s->bytes == NULL)
		return errno != EFBIG ? strerror(errno) :
		    "too large: a configuration has 16 MiB at most";
	s->text = secret_text(s->bytes);
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
	if (why == NULL)
		why = read_all(s, fd);
	if (why == NULL && access == SOURCE_PRIVATE_OR_SEALED &&
	    !source_is_sealed(s))
		why = check_private(fd);
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
source_open(struct source *s, const struct identities *ids,
    struct seal_fault *fault)
{
	struct secret *plain = NULL;
	enum status status;

	status = seal_open_fault(ids, (const uint8_t *)s->text.p, s->text.n,
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
	*s = (struct source){ .file = s->file };
}
