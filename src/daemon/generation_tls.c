/*
 * What workers are told of TLS with clients; see generation_parts.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "client/tls_servers.h"
#include "daemon/control_channel.h"
#include "daemon/generation_parts.h"
#include "daemon/tls_renewal.h"
#include "stats/letting_in.h"

static bool
speaks_tls(const struct conf *conf)
{
	for (size_t i = 0; i < conf->n_listeners; i++) {
		if (conf->listeners[i].tls.certificate.p != NULL)
			return true;
	}
	return false;
}

/* False with errno: not all was sent. */
static bool
send_renewed(const struct generation *g, int control)
{
	size_t n = g->conf.holdings->conf->n_listeners;

	for (size_t i = 0; i < n; i++) {
		if (g->renewed[i] != NULL &&
		    !tls_renewal_send(control, g->renewed[i]))
			return false;
	}
	/* Those that were told before know it. */
	if (g->serving)
		(void)control_send(control, CONTROL_SERVE, -1, NULL);
	return true;
}

/*
 * A worker that takes no message has hung or was stopped, and is ended for it
 * if that goes on (generation_watch()); or the parent has no descriptor or
 * memory left.
 */
static void
note_outdated(struct worker_child *s, const char *why)
{
	if (!s->outdated)
		log_error("a worker cannot be sent what was renewed of "
		    "listeners, and that is tried again: %s", why);
	s->outdated = true;
}

void
generation_brief_tls(struct generation *g, size_t worker, int control)
{
	if (!speaks_tls(g->conf.holdings->conf))
		return;
	ticket_keys_send(g->conf.tickets, control);
	if (generation_was_renewed(g) && !send_renewed(g, control))
		note_outdated(&g->slots[worker], strerror(errno));
}

void
generation_renew_late(struct generation *g)
{
	for (size_t i = 0; i < g->n; i++) {
		struct worker_child *s = &g->slots[i];

		if (s->control == -1 || !s->outdated ||
		    !send_renewed(g, s->control))
			continue;
		s->outdated = false;
		log_info("worker %d was sent what was renewed of listeners",
		    (int)s->pid);
	}
}

bool
generation_was_renewed(const struct generation *g)
{
	size_t i = 0, n = g->conf.holdings->conf->n_listeners;

	while (i < n && g->renewed[i] == NULL)
		i++;
	return i < n;
}

/* What a listener has by now, renewed or as it was loaded. */
static uint64_t
trust_of(const struct generation *g, size_t listener)
{
	const struct conf *conf = g->conf.holdings->conf;
	const struct conf_listener *l = &conf->listeners[listener];
	struct tls_renewal r;

	if (g->renewed[listener] == NULL ||
	    !tls_renewal_read(g->renewed[listener], conf, &r))
		return tls_servers_trust(l, l->tls.client_ca,
		    l->tls.client_crl);
	return tls_servers_trust(l, r.client_ca, r.client_crl);
}

/*
 * Told first of all: it holds for workers, too, that come to their messages
 * late.
 */
static void
tell_trust(const struct generation *g, size_t listener)
{
	const struct holdings *h = g->conf.holdings;
	uint64_t trust = trust_of(g, listener);

	stats_set_trust(h->stats, listener,
	    trust != 0 ? trust : STATS_TRUST_NONE);
}

static bool
has_listener(const struct conf *conf, const char *name)
{
	size_t i = 0;

	while (i < conf->n_listeners &&
	    strcmp(conf->listeners[i].name, name) != 0)
		i++;
	return i < conf->n_listeners;
}

void
generation_tell_trust(const struct generation *g,
    const struct generation *before)
{
	const struct holdings *h = g->conf.holdings, *gone;

	for (size_t i = 0; i < h->conf->n_listeners; i++)
		tell_trust(g, i);
	if (before == NULL)
		return;
	gone = before->conf.holdings;
	for (size_t i = 0; i < gone->conf->n_listeners; i++) {
		if (!has_listener(h->conf, gone->conf->listeners[i].name))
			stats_set_trust(gone->stats, i, STATS_TRUST_NONE);
	}
}

void
generation_renew(struct generation *g, size_t listener, struct secret *bytes)
{
	secret_free(g->renewed[listener]);
	g->renewed[listener] = bytes;
	tell_trust(g, listener);
	for (size_t i = 0; i < g->n; i++) {
		if (g->slots[i].control != -1 &&
		    !tls_renewal_send(g->slots[i].control, bytes))
			note_outdated(&g->slots[i], strerror(errno));
	}
}

/* Nobody whose certificate was revoked stays with a worker that hears none. */
static void
distrust(struct generation *g, size_t listener)
{
	char index[3 * sizeof(size_t)];

	(void)snprintf(index, sizeof(index), "%zu", listener);
	for (size_t i = 0; i < g->n; i++) {
		struct worker_child *s = &g->slots[i];

		if (s->control == -1 || control_send(s->control,
		    CONTROL_DISTRUST, -1, index))
			continue;
		log_error("worker %d takes no messages, and is ended: clients "
		    "that it has are verified by something else now",
		    (int)s->pid);
		worker_child_kill(s, clock_monotonic());
	}
}

void
generation_distrust(struct generation *g)
{
	const struct holdings *h = g->conf.holdings;

	for (size_t i = 0; i < h->conf->n_listeners; i++) {
		if (h->conf->listeners[i].tls.client_ca.p != NULL &&
		    trust_of(g, i) != stats_trust(h->stats, i))
			distrust(g, i);
	}
}

void
generation_forget_tls(struct generation *g)
{
	for (size_t i = 0; i < g->conf.holdings->conf->n_listeners; i++)
		secret_free(g->renewed[i]);
	free(g->renewed);
}

void
generation_tell_tickets(const struct generation *g)
{
	if (!speaks_tls(g->conf.holdings->conf))
		return;
	for (size_t i = 0; i < g->n; i++) {
		if (g->slots[i].control != -1)
			ticket_keys_send(g->conf.tickets,
			    g->slots[i].control);
	}
}
