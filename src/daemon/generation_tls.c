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
#include "daemon/control_channel.h"
#include "daemon/generation_parts.h"
#include "daemon/tls_renewal.h"

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

void
generation_renew(struct generation *g, size_t listener, struct secret *bytes)
{
	secret_free(g->renewed[listener]);
	g->renewed[listener] = bytes;
	for (size_t i = 0; i < g->n; i++) {
		if (g->slots[i].control != -1 &&
		    !tls_renewal_send(g->slots[i].control, bytes))
			note_outdated(&g->slots[i], strerror(errno));
	}
}

/* What a listener has by now, renewed or as it was loaded. */
static void
trust_of(const struct generation *g, size_t listener, struct text *ca,
    struct text *crl)
{
	const struct conf *conf = g->conf.holdings->conf;
	const struct conf_listener_tls *tls = &conf->listeners[listener].tls;
	struct tls_renewal r;

	*ca = tls->client_ca;
	*crl = tls->client_crl;
	if (g->renewed[listener] == NULL ||
	    !tls_renewal_read(g->renewed[listener], conf, &r))
		return;
	*ca = r.client_ca;
	*crl = r.client_crl;
}

/* Whether a listener of that name trusts the same. */
static bool
is_trusted_by(const struct generation *g, const char *name, struct text ca,
    struct text crl)
{
	const struct conf *conf = g->conf.holdings->conf;
	struct text its_ca, its_crl;
	size_t i = 0;

	while (i < conf->n_listeners &&
	    strcmp(conf->listeners[i].name, name) != 0)
		i++;
	if (i == conf->n_listeners)
		return false;
	trust_of(g, i, &its_ca, &its_crl);
	return text_eq(its_ca, ca) && text_eq(its_crl, crl);
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
generation_distrust(struct generation *g, const struct generation *next)
{
	const struct conf *conf = g->conf.holdings->conf;
	struct text ca, crl;

	for (size_t i = 0; i < conf->n_listeners; i++) {
		trust_of(g, i, &ca, &crl);
		if (ca.n != 0 &&
		    !is_trusted_by(next, conf->listeners[i].name, ca, crl))
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
