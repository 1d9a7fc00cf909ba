/*
 * What workers are told of TLS with clients; see generation_parts.h.
 */
#include <stdlib.h>

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
