/*
 * Listening sockets of the parent; see sockets.h.  net/listener_open judges
 * whether one can be opened, also where it is only asked.
 */
#include "daemon/sockets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/text.h"
#include "net/inherited.h"
#include "net/listener.h"

/* The address of a socket that systemd passed is known only now. */
static bool
is_local(const struct conf_listener *l, const struct addr *bound, char *why,
    size_t why_size)
{
	char text[ADDR_TEXT];

	if (l->nonlocal || addr_is_loopback(bound))
		return true;
	addr_format(bound, text);
	snprintf(why, why_size, "other machines can reach %s: say 'nonlocal "
	    "= true' if that is meant", text);
	return false;
}

static struct listener_conf
listener_conf(const struct conf_listener *l)
{
	return (struct listener_conf){
		.address = l->address,
		.mode = l->mode,
		.owner = l->owner,
		.group = l->group,
	};
}

/* Opens one more; false with the reason. */
static bool
open_one(struct sockets *s, const struct conf_listener *l, char *why,
    size_t why_size)
{
	const struct listener_conf conf = listener_conf(l);
	struct addr *bound = &s->bound[s->n];
	int fd = listener_open(&conf, bound, why, why_size);

	if (fd == -1)
		return false;
	s->fds[s->n++] = fd;
	return is_local(l, bound, why, why_size);
}

/*
 * A listener without a name is called by its address, which is in the line
 * already.
 */
static void
tell(struct conf_diagnostics *diagnostics, bool warning,
    const struct conf_listener *l, const char *why)
{
	void (*add)(struct conf_diagnostics *, const char *, unsigned,
	    const char *, ...) = warning ? conf_warning : conf_error;
	const char *name = l->name, *end = ": ";
	size_t n = strlen(name);

	if (strncmp(why, name, n) == 0 && strncmp(why + n, end, 2) == 0)
		name = end = "";
	add(diagnostics, l->where.file, l->where.line, "listener %s%s%s", name,
	    end, why);
}

static bool
is_listener(const struct conf *conf, struct text name)
{
	for (size_t i = 0; i < conf->n_listeners; i++) {
		const struct addr *a = &conf->listeners[i].address;

		if (a->kind == ADDR_INHERITED &&
		    text_eq(name, text_of(a->name)))
			return true;
	}
	return false;
}

static bool
is_first(size_t i, struct text name)
{
	struct text other;

	for (size_t j = 0; j < i && inherited_name(j, &other); j++) {
		if (text_eq(name, other))
			return false;
	}
	return true;
}

/* A client that connects to such a socket would wait for ever. */
static void
warn_of_unused(const struct conf *conf)
{
	struct text name;

	for (size_t i = 0; inherited_name(i, &name); i++) {
		if (!is_listener(conf, name))
			log_warn("systemd passed in a socket that no listener "
			    "serves: name it by address = \"fd:%.*s\"",
			    TEXT_ARG(name));
		else if (!is_first(i, name))
			log_warn("systemd passed in more than one socket '%.*s'"
			    ", of which the first is served: give each a name "
			    "(FileDescriptorName=)", TEXT_ARG(name));
	}
}

void
sockets_open(struct sockets *s, const struct conf *conf,
    struct conf_diagnostics *diagnostics)
{
	char why[512];

	s->n = 0;
	s->fds = xcalloc(conf->n_listeners, sizeof(*s->fds));
	s->bound = xcalloc(conf->n_listeners, sizeof(*s->bound));
	for (size_t i = 0; i < conf->n_listeners; i++) {
		const struct conf_listener *l = &conf->listeners[i];

		if (!open_one(s, l, why, sizeof(why)))
			tell(diagnostics, false, l, why);
	}
	warn_of_unused(conf);
}

/* An address in use is a warning, unless this configuration uses it itself. */
static void
try_one(const struct conf_listener *l, const struct sockets_asker *asker,
    struct conf_diagnostics *diagnostics)
{
	const struct listener_conf conf = listener_conf(l);
	struct holder holder;
	struct addr bound;
	char why[512];

	switch (listener_try(&conf, &bound, &holder, why, sizeof(why))) {
	case LISTENER_FREE:
		if (!is_local(l, &bound, why, sizeof(why)))
			tell(diagnostics, false, l, why);
		break;
	case LISTENER_TAKEN:
		if (!asker->is_ours(asker->ctx, &holder))
			tell(diagnostics, true, l, why);
		break;
	case LISTENER_REFUSED:
		tell(diagnostics, false, l, why);
		break;
	case LISTENER_UNKNOWN:
		tell(diagnostics, true, l, why);
		break;
	}
}

void
sockets_try(const struct conf *conf, const struct sockets_asker *asker,
    struct conf_diagnostics *diagnostics)
{
	for (size_t i = 0; i < conf->n_listeners; i++)
		try_one(&conf->listeners[i], asker, diagnostics);
}

void
sockets_announce(const struct sockets *s)
{
	char text[ADDR_TEXT];

	for (size_t i = 0; i < s->n; i++) {
		addr_format(&s->bound[i], text);
		log_plain("listening on %s", text);
	}
}

void
sockets_close(struct sockets *s)
{
	for (size_t i = 0; i < s->n; i++) {
		listener_unlink(s->fds[i], &s->bound[i]);
		close(s->fds[i]);
	}
	s->n = 0;
}

void
sockets_release(struct sockets *s)
{
	sockets_close(s);
	free(s->fds);
	free(s->bound);
	*s = (struct sockets){ .n = 0 };
}
