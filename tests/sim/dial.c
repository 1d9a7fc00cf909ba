/*
 * net/dial.h, and its parts, for a test that drives its network by hand, which
 * decides when and how a dial ends.  A dial that succeeds is a wire whose
 * handshake verified the host of its tls_client: there is no other way to get
 * one.
 */
#include "dial.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/list.h"
#include "clock.h"
#include "fate.h"
#include "history.h"
#include "link.h"
#include "socket.h"

struct dial {
	struct dial *next, **prev;	/* the latest first */
	struct loop *loop;
	const struct dial_conf *conf;
	dial_done *done;
	void *owner;
	enum dial_result result;
	struct errand end;
};

struct tls_client {
	const char *host;
};

static struct dial *all;

void
dials_begin(void)
{
	all = NULL;
}

struct dial *
dials_oldest(void)
{
	struct dial *d = all;

	while (d != NULL && d->next != NULL)
		d = d->next;
	return d;
}

const struct dial_conf *
dial_conf_of(const struct dial *d)
{
	return d->conf;
}

static void
on_end(void *owner)
{
	struct dial *d = owner;
	dial_done *done = d->done;
	void *done_owner = d->owner;
	enum dial_result result = d->result;
	struct wire *w = NULL;

	if (result == DIAL_OK) {
		w = wire_new(true);
		w->worker = clock_number(loop_base(d->loop));
		w->host = d->conf->tls->host;
		w->sessions = d->conf->sessions;
		fate_connects(w);
	}
	if (w != NULL)
		history("dial to %s: verified, wire %u", w->host, w->number);
	else
		history("dial to %s: fails", d->conf->tls->host);
	LIST_REMOVE(d);
	free(d);
	if (w != NULL)
		done(done_owner, result, link_ssl(w), socket_fd(w), NULL);
	else
		done(done_owner, result, NULL, -1, "fails");
}

void
dial_end_in(struct dial *d, enum dial_result result, int64_t ns)
{
	d->result = result;
	errand_set(&d->end, ns);
}

struct dial *
dial_start(struct loop *loop, const struct dial_conf *conf, dial_done *done,
    void *owner)
{
	struct dial *d = xcalloc(1, sizeof(*d));

	d->loop = loop;
	d->conf = conf;
	d->done = done;
	d->owner = owner;
	errand_init(&d->end, on_end, d);
	d->end.base = loop_base(loop);
	LIST_PUSH(all, d);
	return d;
}

void
dial_cancel(struct dial *d)
{
	if (d == NULL)
		return;
	errand_clear(&d->end);
	LIST_REMOVE(d);
	free(d);
}

/* -- net/tls.h, net/resolve.h -- */

struct tls_client *
tls_client_new(const struct tls_client_conf *conf, char *why, size_t why_size)
{
	struct tls_client *c = xcalloc(1, sizeof(*c));

	(void)why;
	(void)why_size;
	c->host = conf->host;
	return c;
}

void
tls_client_free(struct tls_client *c)
{
	free(c);
}

struct resolver *
resolver_new(struct loop *loop, char *why, size_t why_size)
{
	(void)loop;
	(void)why;
	(void)why_size;
	return xmalloc(1);
}

void
resolver_free(struct resolver *r)
{
	free(r);
}
