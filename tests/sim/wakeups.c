/*
 * daemon/wakeups.h in the simulated world: event descriptors of sockets.h.
 */
#include "daemon/wakeups.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "socket.h"

bool
wakeups_open(struct wakeups *w, size_t n)
{
	w->fds = xcalloc(n, sizeof(*w->fds));
	for (w->n = 0; w->n < n; w->n++)
		w->fds[w->n] = socket_event();
	return true;
}

void
wakeups_close(struct wakeups *w)
{
	free(w->fds);
	*w = (struct wakeups){ .n = 0 };
}

void
wakeups_send(const struct wakeups *w, size_t worker)
{
	socket_raise(w->fds[worker], true);
}

void
wakeups_take(const struct wakeups *w, size_t worker)
{
	socket_raise(w->fds[worker], false);
}
