/*
 * Event descriptors of workers; see wakeups.h.
 */
#include "daemon/wakeups.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/alloc.h"

bool
wakeups_open(struct wakeups *w, size_t n)
{
	w->fds = xcalloc(n, sizeof(*w->fds));
	for (w->n = 0; w->n < n; w->n++) {
		w->fds[w->n] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		if (w->fds[w->n] == -1)
			return false;
	}
	return true;
}

void
wakeups_close(struct wakeups *w)
{
	for (size_t i = 0; i < w->n; i++)
		close(w->fds[i]);
	free(w->fds);
	*w = (struct wakeups){ .n = 0 };
}

void
wakeups_send(const struct wakeups *w, size_t worker)
{
	uint64_t once = 1;

	/*
	 * It fails only when earlier wake-ups were not read, and those are
	 * enough.
	 */
	if (write(w->fds[worker], &once, sizeof(once)) == -1)
		return;
}

void
wakeups_take(const struct wakeups *w, size_t worker)
{
	uint64_t n;

	if (read(w->fds[worker], &n, sizeof(n)) == -1)
		return;
}
