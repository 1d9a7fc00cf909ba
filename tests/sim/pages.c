/*
 * Memory of secrets as base/secret has it where there is no memfd_secret(2):
 * in a simulated world there is nothing to hide, and each page that is hidden
 * costs as much as several requests (-Wl,--wrap).
 */
#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_memfd_secret
#define SYS_memfd_secret	447
#endif

long	__real_syscall(long, ...);
long	__wrap_syscall(long, long, long);

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
