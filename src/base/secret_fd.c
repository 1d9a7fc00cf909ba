/*
 * Secrets out of files and pipes; see secret.h.
 */
#include "base/secret.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_FIRST	((size_t)8 * 1024)

/*
 * Room to begin with: for all of a file, a NUL, and a byte to see its end by.
 * With less, growing would take three times as much in the end.
 */
static size_t
first_room(int fd, size_t max)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size <= 0)
		return READ_FIRST;
	return ((uintmax_t)st.st_size < max ? (size_t)st.st_size : max) + 2;
}

/* Twice the room, and the same n bytes in it. */
static void
grow(struct secret **s, size_t n)
{
	struct secret *more = secret_new(secret_len(*s) * 2);

	memcpy(secret_bytes(more), secret_read(*s), n);
	secret_free(*s);
	*s = more;
}

/* The result of read(); n grows by it. */
static ssize_t
read_some(int fd, struct secret *s, size_t *n, bool (*ready)(int))
{
	ssize_t got;

	do {
		if (ready != NULL && !ready(fd)) {
			errno = EINTR;
			return -1;
		}
		got = read(fd, secret_bytes(s) + *n, secret_len(s) - 1 - *n);
	} while (got < 0 && errno == EINTR);
	if (got > 0)
		*n += (size_t)got;
	return got;
}

struct secret *
secret_from_fd(int fd, size_t max, bool (*ready)(int))
{
	struct secret *s = secret_new(first_room(fd, max));
	size_t n = 0;
	ssize_t got;

	while ((got = read_some(fd, s, &n, ready)) > 0) {
		if (n > max) {
			errno = EFBIG;
			got = -1;
			break;
		}
		if (n == secret_len(s) - 1)
			grow(&s, n);
	}
	if (got < 0) {
		secret_free(s);
		return NULL;
	}
	secret_truncate(s, n);
	return s;
}
