/*
 * The end of a link's socket; see link_end.h.
 */
#include "net/link_end.h"

#include <sys/socket.h>
#include <unistd.h>

#include "net/linger.h"

/* How long a link lingers: one that its owner counts, and any other. */
#define COUNTED_MS	30000
#define COUNTED_SILENT_MS	5000
#define UNCOUNTED_MS	2000

/* The bytes still to be sent, or NULL. */
static struct buf *
end_pipe(const struct link_ending *e)
{
	if (e->failed || e->cannot_write)
		return NULL;
	if (e->in_order)
		return pipe_finish(e->pipe);
	pipe_abandon(e->pipe);
	return NULL;
}

static void
linger(const struct link_ending *e, struct buf *rest)
{
	struct linger_terms terms = {
		.most_ms = COUNTED_MS,
		.silent_ms = COUNTED_SILENT_MS,
		.over = e->gone,
		.owner = e->owner,
	};

	if (e->gone == NULL)
		terms.most_ms = terms.silent_ms = UNCOUNTED_MS;
	linger_start(e->loop, e->pipe->fd, rest, &terms);
}

void
link_end_socket(const struct link_ending *e)
{
	struct linger none = { .l_onoff = 1 };
	struct buf *rest = end_pipe(e);
	int fd = e->pipe->fd;

	if (rest != NULL || (e->lingers && !e->failed)) {
		linger(e, rest);
		return;
	}
	if (!e->in_order)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	close(fd);
	if (e->gone != NULL)
		e->gone(e->owner);
}
