/*
 * net/dial.h, and what dials are made of, in the simulated world: a dial ends
 * when and how chance wants, within the time that it was given.  One that
 * ends well is a wire whose handshake verified the host of its tls_client, and
 * a server at its other end: there is no other way to one.
 */
#include "net/dial.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "clock.h"
#include "dice.h"
#include "history.h"
#include "link.h"
#include "server.h"
#include "setting.h"

struct dial {
	const struct dial_conf *conf;
	dial_done *done;
	void *owner;
	enum dial_result result;
	struct errand end;
};

struct tls_client {
	const char *host;
};

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
		w->host = d->conf->tls->host;
		w->sessions = d->conf->sessions;
		server_begin(w);
	}
	if (w != NULL)
		history("dial to %s: verified, wire %u", w->host, w->number);
	else
		history("dial to %s: fails", d->conf->tls->host);
	free(d);
	if (w != NULL)
		done(done_owner, result, link_ssl(w), (int)w->number, NULL);
	else
		done(done_owner, result, NULL, -1, "as chance wanted");
}

/* How it ends, and when. */
static int64_t
plan(struct dial *d)
{
	int64_t most = d->conf->connect_ms + d->conf->handshake_ms;

	if (!dice_one_in(setting()->dials_fail)) {
		d->result = DIAL_OK;
		return dice_one_in(8) ? dice_between(0, most - 1) :
		    dice_between(0, 30);
	}
	switch (dice(3)) {
	case 0:
		d->result = DIAL_UNREACHABLE;
		return dice_between(0, d->conf->connect_ms);
	case 1:
		d->result = DIAL_TLS;
		return dice_between(0, most);
	default:
		d->result = DIAL_TIMEOUT;
		return most;
	}
}

struct dial *
dial_start(struct loop *loop, const struct dial_conf *conf, dial_done *done,
    void *owner)
{
	struct dial *d = xcalloc(1, sizeof(*d));

	(void)loop;
	d->conf = conf;
	d->done = done;
	d->owner = owner;
	errand_init(&d->end, on_end, d);
	errand_set(&d->end, plan(d) * NS_PER_MS);
	return d;
}

void
dial_cancel(struct dial *d)
{
	if (d == NULL)
		return;
	errand_clear(&d->end);
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
