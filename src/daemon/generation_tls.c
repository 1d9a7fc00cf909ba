/*
 * What workers are told of TLS with clients; see generation_parts.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void
send_renewed(const struct generation *g, size_t listener, int control)
{
	if (!tls_renewal_send(control, g->renewed[listener]))
		log_error("listener %s: a worker cannot be sent its renewed "
		    "certificate", g->conf.holdings->conf->listeners[
		    listener].name);
}

void
generation_brief_tls(const struct generation *g, int control)
{
	const struct conf *conf = g->conf.holdings->conf;

	if (!speaks_tls(conf))
		return;
	ticket_keys_send(g->conf.tickets, control);
	for (size_t i = 0; i < conf->n_listeners; i++) {
		if (g->renewed[i] != NULL)
			send_renewed(g, i, control);
	}
	if (g->serving && generation_was_renewed(g))
		(void)control_send(control, CONTROL_SERVE, -1, NULL);
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
		if (g->slots[i].control != -1)
			send_renewed(g, listener, g->slots[i].control);
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
is_trusted_by(const struct conf *conf, const char *name, struct text ca,
    struct text crl)
{
	for (size_t i = 0; i < conf->n_listeners; i++) {
		const struct conf_listener *l = &conf->listeners[i];

		if (strcmp(l->name, name) == 0)
			return text_eq(l->tls.client_ca, ca) &&
			    text_eq(l->tls.client_crl, crl);
	}
	return false;
}

void
generation_distrust(const struct generation *g, int control,
    const struct conf *next)
{
	const struct conf *conf = g->conf.holdings->conf;
	char index[3 * sizeof(size_t)];
	struct text ca, crl;

	for (size_t i = 0; i < conf->n_listeners; i++) {
		trust_of(g, i, &ca, &crl);
		if (ca.n == 0 ||
		    is_trusted_by(next, conf->listeners[i].name, ca, crl))
			continue;
		(void)snprintf(index, sizeof(index), "%zu", i);
		(void)control_send(control, CONTROL_DISTRUST, -1, index);
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
