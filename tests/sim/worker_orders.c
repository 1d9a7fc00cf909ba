/*
 * Messages to a worker, which it takes as daemon/worker does; see worker.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/list.h"
#include "client/tls_servers.h"
#include "daemon/control_channel.h"
#include "daemon/worker_keys.h"
#include "daemon/worker_tls.h"
#include "history.h"
#include "renewal.h"
#include "setting_tls.h"
#include "worker_own.h"

/* A message on its way: to probe a key, or about TLS. */
struct order {
	struct order *next, **prev;
	struct worker *worker;
	enum control_kind kind;
	char text[64];
	size_t listener;
	unsigned authority;
	struct errand come;
};

static void
order_free(struct order *o)
{
	errand_clear(&o->come);
	LIST_REMOVE(o);
	free(o);
}

static void
hear_of_trust(struct worker *w, size_t listener)
{
	w->trust[listener]++;
	w->heard_ns[listener] = clock_now();
}

static void
use_renewal(struct worker *w, size_t listener, unsigned authority)
{
	const struct control_message m = { .kind = CONTROL_RENEWAL, .fd = -1 };

	if (authority != w->authority[listener])
		hear_of_trust(w, listener);
	w->authority[listener] = authority;
	renewal_set(listener, setting_authority(authority));
	worker_tls_take(w->tls, w->sessions, &w->facts.setting->conf, &m);
}

static void
take(struct worker *w, const struct order *o)
{
	struct control_message m = { .kind = o->kind, .fd = -1 };

	memcpy(m.text, o->text, sizeof(o->text));
	if (o->kind == CONTROL_PROBE) {
		worker_keys_take(w->keys, &m);
	} else if (o->kind == CONTROL_RENEWAL) {
		history("worker %u: listener %zu is renewed, with authority "
		    "%u", w->number, o->listener, o->authority);
		use_renewal(w, o->listener, o->authority);
	} else {
		history("worker %u: listener %zu is distrusted", w->number,
		    o->listener);
		hear_of_trust(w, o->listener);
		worker_tls_take(w->tls, w->sessions, &w->facts.setting->conf,
		    &m);
	}
}

static void
on_order(void *owner)
{
	struct order *o = owner;

	take(o->worker, o);
	order_free(o);
}

int64_t
worker_in_order(struct worker *w, int64_t ns)
{
	int64_t at = clock_now() + ns;

	if (w->told_ns < at)
		w->told_ns = at;
	return w->told_ns - clock_now();
}

static struct order *
order_new(struct worker *w, enum control_kind kind, int64_t ns)
{
	struct order *o = xcalloc(1, sizeof(*o));

	o->worker = w;
	o->kind = kind;
	LIST_PUSH(w->orders, o);
	errand_init(&o->come, on_order, o);
	o->come.base = loop_base(w->loop);
	errand_set(&o->come, ns);
	return o;
}

void
worker_probe(struct worker *w, const char *text, int64_t ns)
{
	struct order *o = order_new(w, CONTROL_PROBE, ns);

	(void)snprintf(o->text, sizeof(o->text), "%s", text);
}

void
worker_renew(struct worker *w, size_t listener, unsigned authority, int64_t ns)
{
	struct order *o = order_new(w, CONTROL_RENEWAL,
	    worker_in_order(w, ns));

	o->listener = listener;
	o->authority = authority;
}

void
worker_distrust(struct worker *w, size_t listener, int64_t ns)
{
	struct order *o = order_new(w, CONTROL_DISTRUST,
	    worker_in_order(w, ns));

	o->listener = listener;
	(void)snprintf(o->text, sizeof(o->text), "%zu", listener);
}

/* Before its first client. */
void
worker_use_what_was_renewed(struct worker *w)
{
	const struct setting *s = w->facts.setting;

	memcpy(w->authority, s->authority, sizeof(w->authority));
	for (size_t i = 0; i < s->conf.n_listeners; i++) {
		if (w->of.authority[i] != s->authority[i])
			use_renewal(w, i, w->of.authority[i]);
	}
}

void
worker_forget_orders(struct worker *w)
{
	while (w->orders != NULL)
		order_free(w->orders);
}
