/*
 * Event descriptors of workers; see bells.h.
 */
#include "daemon/bells.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/alloc.h"

bool
bells_open(struct bells *b, size_t n)
{
	b->fds = xcalloc(n, sizeof(*b->fds));
	for (b->n = 0; b->n < n; b->n++) {
		b->fds[b->n] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		if (b->fds[b->n] == -1)
			return false;
	}
	return true;
}

void
bells_close(struct bells *b)
{
	for (size_t i = 0; i < b->n; i++)
		close(b->fds[i]);
	free(b->fds);
	*b = (struct bells){ .n = 0 };
}

void
bells_ring(const struct bells *b, size_t worker)
{
	uint64_t once = 1;

	/* It fails only where it was rung often, and that will do. */
	if (write(b->fds[worker], &once, sizeof(once)) == -1)
		return;
}

void
bells_hush(const struct bells *b, size_t worker)
{
	uint64_t n;

	if (read(b->fds[worker], &n, sizeof(n)) == -1)
		return;
}
