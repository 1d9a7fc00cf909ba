/*
 * Orders for admin processes; see admin_order.h.
 */
#include "daemon/admin_order.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "pages/admin_brief.h"

static char **
format_all(const struct admin_for *f)
{
	size_t n = f->conf->n_listeners;
	char **texts = xcalloc(n, sizeof(*texts)), text[ADDR_TEXT];

	for (size_t i = 0; i < n; i++) {
		addr_format(&f->bound[i], text);
		texts[i] = xstrdup(text);
	}
	return texts;
}

static int
write_brief(const struct admin_for *f, int64_t started)
{
	const struct admin_brief brief = {
		.conf = f->conf,
		.bound = format_all(f),
		.numbers = *f->numbers,
		.sandbox = *f->sandbox,
		.started = started,
	};
	int fd = admin_brief_write(&brief);

	for (size_t i = 0; i < f->conf->n_listeners; i++)
		free(brief.bound[i]);
	free(brief.bound);
	return fd;
}

bool
admin_order_make(struct admin_order *o, const struct admin_for *f, int memory,
    int64_t started)
{
	size_t n = f->conf->n_admin;
	bool good;

	*o = (struct admin_order){ .brief = -1, .memory = memory };
	if (n == 0)
		return true;
	o->n_listeners = n;
	o->listeners = xcalloc(n, sizeof(*o->listeners));
	o->brief = write_brief(f, started);
	good = o->brief != -1;
	for (size_t i = 0; i < n; i++) {
		o->listeners[i] = fcntl(f->sockets[i], F_DUPFD_CLOEXEC, 3);
		good &= o->listeners[i] != -1;
	}
	return good;
}

void
admin_order_abandon(const struct admin_order *o)
{
	for (size_t i = 0; i < o->n_listeners; i++) {
		if (o->listeners[i] != -1)
			close(o->listeners[i]);
	}
	if (o->brief != -1)
		close(o->brief);
}

void
admin_order_release(struct admin_order *o)
{
	admin_order_abandon(o);
	free(o->listeners);
	*o = (struct admin_order){ .brief = -1 };
}
