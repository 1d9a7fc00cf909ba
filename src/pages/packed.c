/*
 * Data as bytes and back; see packed.h.
 */
#include "pages/packed.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/write.h"

#define SEALS	(F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

#define ABSENT	UINT64_MAX	/* in the place of a text's length */

/* -- writing -- */

void
pack_bytes(struct buf *out, const void *p, size_t n)
{
	buf_append(out, p, n);
}

void
pack_u64(struct buf *out, uint64_t n)
{
	buf_append(out, &n, sizeof(n));
}

void
pack_str(struct buf *out, const char *s)
{
	size_t n;

	if (s == NULL) {
		pack_u64(out, ABSENT);
		return;
	}
	n = strlen(s);
	pack_u64(out, n);
	buf_append(out, s, n);
}

int
pack_to_fd(const struct buf *b)
{
	int fd = memfd_create("sallyport", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int e;

	if (fd == -1)
		return -1;
	if (write_all(fd, buf_text(b).p, buf_len(b)) &&
	    fcntl(fd, F_ADD_SEALS, SEALS) == 0)
		return fd;
	e = errno;
	close(fd);
	errno = e;
	return -1;
}

/* -- reading -- */

/* The next n bytes, or NULL. */
static const char *
take(struct unpacking *u, uint64_t n)
{
	const char *p = u->rest.p;

	if (u->bad || n > u->rest.n) {
		u->bad = true;
		return NULL;
	}
	u->rest.p += n;
	u->rest.n -= n;
	return p;
}

void
unpack_bytes(struct unpacking *u, void *to, size_t n)
{
	const char *p = take(u, n);

	if (p != NULL)
		memcpy(to, p, n);
	else
		memset(to, 0, n);
}

uint64_t
unpack_u64(struct unpacking *u)
{
	uint64_t n;

	unpack_bytes(u, &n, sizeof(n));
	return n;
}

char *
unpack_str(struct unpacking *u)
{
	uint64_t n = unpack_u64(u);
	const char *p;

	if (n == ABSENT)
		return NULL;
	p = take(u, n);
	if (p == NULL)
		return NULL;
	return arena_cstr(u->arena, (struct text){ .p = p, .n = (size_t)n });
}

size_t
unpack_count(struct unpacking *u, size_t least)
{
	uint64_t n = unpack_u64(u);

	if (n <= u->rest.n / least)
		return (size_t)n;
	u->bad = true;
	return 0;
}

bool
unpack_is_whole(const struct unpacking *u)
{
	return !u->bad && u->rest.n == 0;
}

bool
unpack_from_fd(int fd, size_t most, struct buf *out)
{
	struct stat st;
	size_t n;

	/* Only what was sealed is whole, and stays as it is. */
	if (fcntl(fd, F_GET_SEALS) != SEALS || fstat(fd, &st) != 0 ||
	    (uint64_t)st.st_size > most)
		return false;
	n = (size_t)st.st_size;
	if (n != 0 && pread(fd, buf_reserve(out, n), n, 0) != (ssize_t)n)
		return false;
	buf_commit(out, n);
	return true;
}
