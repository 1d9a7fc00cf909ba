/*
 * Pages that stay from world to world: each mapping that is made and unmade
 * costs the kernel as much as several exchanges (-Wl,--wrap).  What a world had
 * is wiped when it gives it back, so that the next has it as the kernel would
 * give it.
 *
 * Memory of secrets is as base/secret has it where there is no memfd_secret(2),
 * and not locked: in a simulated world there is nothing to hide.
 */
#include "pages.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_memfd_secret
#define SYS_memfd_secret	447
#endif

/* Private and shared memory of nobody's; room for a secret has pages that
 * cannot be touched before and behind it. */
struct run {
	struct run *next;
	char *at, *inner;
	size_t size, inner_size;	/* what was mapped within it */
	int prot;
	bool given;
};

static struct run *runs;

long	__real_syscall(long, ...);
long	__wrap_syscall(long, long, long);
void	*__real_calloc(size_t, size_t);
void	*__real_mmap(void *, size_t, int, int, int, off_t);
void	*__wrap_mmap(void *, size_t, int, int, int, off_t);
int	__real_munmap(void *, size_t);
int	__wrap_munmap(void *, size_t);
int	__real_madvise(void *, size_t, int);
int	__wrap_madvise(void *, size_t, int);

/* Those that are made here have no more arguments than these. */
long
__wrap_syscall(long number, long a, long b)
{
	if (number != SYS_memfd_secret)
		return __real_syscall(number, a, b);
	errno = ENOSYS;
	return -1;
}

int
mlock(const void *p, size_t n)
{
	(void)p;
	(void)n;
	return 0;
}

static struct run *
run_with(const void *p)
{
	for (struct run *r = runs; r != NULL; r = r->next) {
		if ((const char *)p >= r->at &&
		    (const char *)p < r->at + r->size)
			return r;
	}
	return NULL;
}

static void *
run_give(size_t size, int prot, int flags)
{
	struct run *r;
	void *p;

	for (r = runs; r != NULL; r = r->next) {
		if (!r->given && r->size == size && r->prot == prot) {
			r->given = true;
			return r->at;
		}
	}
	p = __real_mmap(NULL, size, prot, flags, -1, 0);
	if (p == MAP_FAILED)
		return p;
	/* It outlives the world, so that it is in no account of its memory. */
	if ((r = __real_calloc(1, sizeof(*r))) == NULL)
		abort();
	*r = (struct run){ .next = runs, .at = p, .size = size, .prot = prot,
	    .given = true };
	runs = r;
	return p;
}

void *
__wrap_mmap(void *p, size_t size, int prot, int flags, int fd, off_t from)
{
	struct run *r;

	if ((flags & MAP_ANONYMOUS) == 0)
		return __real_mmap(p, size, prot, flags, fd, from);
	if ((flags & MAP_FIXED) == 0)
		return run_give(size, prot, flags);
	r = run_with(p);
	if (r != NULL && r->inner == p && r->inner_size == size)
		return p;
	p = __real_mmap(p, size, prot, flags, fd, from);
	if (r != NULL && p != MAP_FAILED) {
		r->inner = p;
		r->inner_size = size;
	}
	return p;
}

int
__wrap_munmap(void *p, size_t size)
{
	struct run *r = run_with(p);

	if (r == NULL || r->at != p || r->size != size)
		return __real_munmap(p, size);
	if (r->inner != NULL)
		memset(r->inner, 0, r->inner_size);
	else
		memset(r->at, 0, r->size);
	r->given = false;
	return 0;
}

int
__wrap_madvise(void *p, size_t size, int advice)
{
	return run_with(p) != NULL ? 0 : __real_madvise(p, size, advice);
}

size_t
pages_given(void)
{
	size_t n = 0;

	for (const struct run *r = runs; r != NULL; r = r->next)
		n += r->given;
	return n;
}
