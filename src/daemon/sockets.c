/*
 * Listening sockets of the parent; see sockets.h.  net/listener_open judges
 * whether one can be opened, also where it is only asked.
 */
#include "daemon/sockets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/inherited.h"
#include "base/log.h"
#include "base/text.h"
#include "daemon/inheritance.h"
#include "net/listener.h"

struct socket {
	int fd;
	struct addr bound;
	struct listener_conf conf;	/* as its name is permitted now */
	int passed;			/* inherited_find(); -1: of our own */
	char *name;			/* of the listener that has it now */
	unsigned users;			/* struct sockets */
	bool announced;
	bool nameless;			/* clients cannot find it any more */
};

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

static bool
same_address(const struct addr *a, const struct addr *b)
{
	return a->kind == b->kind && a->len == b->len &&
	    memcmp(&a->sa, &b->sa, a->len) == 0;
}

static bool
has(const struct sockets *s, const struct socket *socket)
{
	for (; s != NULL; s = s->also) {
		for (size_t i = 0; i < s->n; i++) {
			if (s->v[i] == socket)
				return true;
		}
	}
	return false;
}

/* What has its name from now on is another one, not to be removed with it. */
static bool
is_nameless(struct socket *its)
{
	if (!listener_has_name(&its->bound))
		its->nameless = true;
	return its->nameless;
}

/*
 * By its address in the configuration, or with the port the kernel chose.
 * passed is what systemd passed in for that address.
 */
static bool
is_at(const struct socket *its, const struct addr *a, int passed)
{
	if (its->passed != -1 || passed != -1)
		return its->passed == passed;
	return same_address(&its->conf.address, a) ||
	    (its->conf.address.kind == ADDR_INET &&
	    same_address(&its->bound, a));
}

/*
 * The open socket for that listener, or NULL.  Several may have the same
 * address if the kernel chose their ports: then the one whose listener has the
 * same name goes first.
 */
static struct socket *
find(const struct sockets *s, const struct sockets *current,
    const struct conf_listener *l)
{
	int passed = inherited_find(&l->address);
	struct socket *found = NULL;

	for (; current != NULL; current = current->also) {
		for (size_t i = 0; i < current->n; i++) {
			struct socket *its = current->v[i];

			if (!is_at(its, &l->address, passed) || has(s, its) ||
			    is_nameless(its))
				continue;
			if (strcmp(its->name, l->name) == 0)
				return its;
			if (found == NULL)
				found = its;
		}
	}
	return found;
}

static struct socket *
socket_new(const struct conf_listener *l, char *why, size_t why_size)
{
	struct socket *its = xcalloc(1, sizeof(*its));

	its->conf = listener_conf(l);
	its->passed = inherited_find(&l->address);
	its->fd = listener_open(&its->conf, &its->bound, why, why_size);
	if (its->fd != -1) {
		its->name = xstrdup(l->name);
		return its;
	}
	free(its);
	return NULL;
}

static void
socket_leave(struct socket *its)
{
	if (--its->users != 0)
		return;
	if (!its->nameless)
		listener_unlink(its->fd, &its->bound);
	close(its->fd);
	free(its->name);
	free(its);
}

static const struct socket *
find_overlapping(const struct sockets *s, const struct addr *a)
{
	for (; s != NULL; s = s->also) {
		for (size_t i = 0; i < s->n; i++) {
			if (holder_overlaps(&s->v[i]->bound, a))
				return s->v[i];
		}
	}
	return NULL;
}

/*
 * An address that our own socket keeps from being opened, and what helps: the
 * kernel lets nobody listen at one address and, beside it, at all of them.
 */
static void
explain_own(const struct sockets *s, const struct sockets *current,
    const struct addr *a, char *why, size_t why_size)
{
	const struct socket *its = find_overlapping(current, a);
	char text[ADDR_TEXT], at[ADDR_TEXT];

	if (inheritance_explain(a, why, why_size) || its == NULL)
		return;
	addr_format(a, text);
	addr_format(&its->bound, at);
	if (has(s, its))
		(void)snprintf(why, why_size, "%s: address already in use by "
		    "listener %s at %s", text, its->name, at);
	else
		(void)snprintf(why, why_size, "%s: address already in use by "
		    "listener %s at %s, which serves until this reload is "
		    "done: drop that one by a reload, then add this one by "
		    "the next", text, its->name, at);
}

/* Opens or takes over one more; false with the reason. */
static bool
open_one(struct sockets *s, const struct conf_listener *l,
    const struct sockets *current, char *why, size_t why_size)
{
	struct socket *its = find(s, current, l);

	if (its == NULL)
		its = socket_new(l, why, why_size);
	if (its == NULL) {
		explain_own(s, current, &l->address, why, why_size);
		return false;
	}
	its->users++;
	s->v[s->n] = its;
	s->fds[s->n] = its->fd;
	s->bound[s->n++] = its->bound;
	return is_local(l, &its->bound, why, why_size);
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

/* Of other addresses the configuration itself has told. */
static void
warn_if_exposed(const struct conf_listener *l, const struct addr *bound,
    struct conf_diagnostics *diagnostics)
{
	char *why;

	if (l->address.kind != ADDR_INHERITED)
		return;
	why = conf_listener_exposed(l, bound);
	if (why != NULL)
		tell(diagnostics, true, l, why);
	free(why);
}

void
sockets_open(struct sockets *s, const struct conf_listener *listeners,
    size_t n, const struct sockets *current,
    struct conf_diagnostics *diagnostics)
{
	char why[1024];			/* up to three addresses */

	*s = (struct sockets){ .listeners = listeners, .also = s->also };
	s->v = xcalloc(n, sizeof(struct socket *));
	s->fds = xcalloc(n, sizeof(*s->fds));
	s->bound = xcalloc(n, sizeof(*s->bound));
	for (size_t i = 0; i < n; i++) {
		const struct conf_listener *l = &listeners[i];

		if (open_one(s, l, current, why, sizeof(why)))
			warn_if_exposed(l, &s->bound[i], diagnostics);
		else
			tell(diagnostics, false, l, why);
	}
}

bool
sockets_permit(const struct sockets *s, struct conf_diagnostics *diagnostics)
{
	char why[512];

	for (size_t i = 0; i < s->n; i++) {
		const struct conf_listener *l = &s->listeners[i];
		const struct listener_conf conf = listener_conf(l);

		if (s->v[i]->passed == -1 && !listener_permit(&s->v[i]->conf,
		    &conf, why, sizeof(why))) {
			tell(diagnostics, false, l, why);
			return false;
		}
		s->v[i]->conf = conf;
		free(s->v[i]->name);
		s->v[i]->name = xstrdup(l->name);
	}
	return true;
}

bool
sockets_followed(const struct sockets *s)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->v[i]->passed != -1)
			return true;
	}
	return false;
}

bool
sockets_share(const struct sockets *s, size_t i, const struct sockets *others)
{
	return has(others, s->v[i]);
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
		if (is_local(l, &bound, why, sizeof(why)))
			warn_if_exposed(l, &bound, diagnostics);
		else
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
	for (size_t i = 0; i < conf->n_admin; i++)
		try_one(&conf->admin[i], asker, diagnostics);
	inheritance_check(conf, diagnostics);
}

void
sockets_announce(const struct sockets *s)
{
	char text[ADDR_TEXT];

	for (size_t i = 0; i < s->n; i++) {
		if (s->v[i]->announced)
			continue;
		s->v[i]->announced = true;
		addr_format(&s->bound[i], text);
		log_plain("listening on %s", text);
	}
}

static void
shut_one(const struct socket *s)
{
	char text[ADDR_TEXT];
	int error;

	if (listener_shut(s->fd, &s->bound))
		return;
	error = errno;
	addr_format(&s->bound, text);
	log_warn("%s is closed while clients may connect, who are cut: the "
	    "kernel does not let it refuse them before: %s", text,
	    strerror(error));
}

/* What systemd passed in stays its own, and clients may wait there. */
void
sockets_shut(const struct sockets *s, const struct sockets *others)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct socket *its = s->v[i];

		if (its->passed == -1 && !its->nameless && !has(others, its))
			shut_one(its);
	}
}

void
sockets_close(struct sockets *s)
{
	while (s->n > 0)
		socket_leave(s->v[--s->n]);
}

void
sockets_abandon(const struct sockets *s, const struct sockets *others)
{
	for (size_t i = 0; i < s->n; i++) {
		if (!sockets_share(s, i, others))
			close(s->fds[i]);
	}
}

void
sockets_release(struct sockets *s)
{
	sockets_close(s);
	free(s->v);
	free(s->fds);
	free(s->bound);
	*s = (struct sockets){ .n = 0 };
}
