/*
 * Reading the header of a proxy; see proxied.h.  What it means is decided in
 * proxy_header.c.
 */
#include "net/proxied.h"

#include <errno.h>
#include <stdlib.h>

#include <event2/event.h>
#include <event2/event_struct.h>

#include "base/alloc.h"

struct proxied {
	proxied_done *done;
	void *owner;
	struct event readable;
	size_t n, wanted;
	uint8_t bytes[PROXY_HEADER_MOST];
};

/* The last thing that a caller does: the object may be freed by it. */
static void
end(struct proxied *p, enum proxied_end how, const struct proxy_header *h)
{
	event_del(&p->readable);
	p->done(p->owner, how, h);
}

/* What was read is looked at, which may show that more is to be read. */
static void
look(struct proxied *p)
{
	struct proxy_header h;

	switch (proxy_header_read(p->bytes, p->n, &h)) {
	case PROXY_HEADER_PART:
		p->wanted = h.wanted;
		break;
	case PROXY_HEADER_WHOLE:
		end(p, PROXIED_READ, &h);
		break;
	case PROXY_HEADER_BAD:
		end(p, PROXIED_BAD, &h);
		break;
	}
}

static void
proxied_on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct proxied *p = arg;
	ssize_t n = recv(fd, p->bytes + p->n, p->wanted - p->n, 0);

	(void)what;
	if (n > 0) {
		p->n += (size_t)n;
		look(p);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		end(p, p->n == 0 ? PROXIED_SILENT : PROXIED_CUT, NULL);
	}
}

struct proxied *
proxied_new(struct loop *loop, int fd, proxied_done *done, void *owner)
{
	struct proxied *p = xcalloc(1, sizeof(*p));

	p->done = done;
	p->owner = owner;
	look(p);
	event_assign(&p->readable, loop_base(loop), fd, EV_READ | EV_PERSIST,
	    proxied_on_readable, p);
	event_add(&p->readable, NULL);
	return p;
}

void
proxied_free(struct proxied *p)
{
	if (p == NULL)
		return;
	event_del(&p->readable);
	free(p);
}
