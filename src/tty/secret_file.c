/*
 * Reading secrets; see secret_file.h.
 */
#include "tty/secret_file.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/encoding.h"
#include "tty/interrupt.h"

/* A file is always ready: it is read to its end, even after a signal. */
static bool
is_ready(int fd)
{
	struct stat st;

	return (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) ||
	    interrupt_wait_readable(fd);
}

void
secret_file_warn(const char *file, const struct file_judge *j,
    struct reasons *why)
{
	if (j->warning != NULL)
		reasons_warn(why, "%s: %s", file, j->warning);
	if (j->folder != NULL)
		reasons_warn(why, "%s: %s", j->folder, j->folder_warning);
}

void
secret_file_skip_mark(struct secret *text)
{
	size_t mark = encoding_mark(secret_text(text));
	size_t n = secret_len(text) - mark;
	uint8_t *p = secret_bytes(text);

	if (mark == 0)
		return;
	memmove(p, p + mark, n);
	secret_truncate(text, n);
}

struct secret *
secret_file_drain(int fd, const char *name, const char *what, size_t max,
    struct reasons *why)
{
	struct secret *bytes = secret_from_fd(fd, max, is_ready);

	if (bytes == NULL && !interrupt_pending())
		(void)reasons_fail(why, "%s: cannot read %s: %m", name, what);
	return bytes;
}

struct secret *
secret_file_read(const struct file_request *request, const char *what,
    size_t max, struct reasons *why)
{
	struct secret *bytes = NULL;
	struct file_judge judge;
	int fd = file_open(request, &judge);

	if (fd < 0) {
		(void)reasons_fail(why, "%s: cannot read %s: %s",
		    request->path, what, judge.why);
	} else {
		secret_file_warn(request->path, &judge, why);
		bytes = secret_file_drain(fd, request->path, what, max, why);
		(void)close(fd);
	}
	file_judge_free(&judge);
	return bytes;
}
