/*
 * TLS of a worker's clients, renewed; see worker_tls.h.
 */
#include "daemon/worker_tls.h"

#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/ticket_keys.h"
#include "daemon/tls_renewal.h"

static void
use_ticket_keys(struct tls_servers *tls, const char *text)
{
	uint8_t keys[TLS_TICKET_KEYS];

	if (ticket_keys_read(text, keys))
		tls_servers_use_keys(tls, keys);
	explicit_bzero(keys, sizeof(keys));
}

/* All was checked before, so that a failure is one of this process. */
static void
renew(struct tls_servers *tls, struct sessions *sessions,
    const struct conf *conf, const struct tls_renewal *r)
{
	uint32_t turns = tls_servers_turns(tls, r->listener);
	const struct conf_listener *l = &conf->listeners[r->listener];
	const struct tls_server_conf server = {
		.certificate = r->certificate,
		.certificate_key = r->certificate_key,
		.client_ca = r->client_ca,
		.client_crl = r->client_crl,
		.required = l->tls.required,
	};
	char why[256];

	if (!tls_servers_renew(tls, r->listener, &server, why, sizeof(why)))
		log_error("listener %s: this worker cannot use what was "
		    "renewed: %s", l->name, why);
	if (tls_servers_turns(tls, r->listener) != turns)
		sessions_verify_anew(sessions, r->listener);
}

static void
take_renewal(struct tls_servers *tls, struct sessions *sessions,
    const struct conf *conf, const struct control_message *m)
{
	struct secret *bytes = tls_renewal_from(m);
	struct tls_renewal r;

	if (bytes != NULL && tls_renewal_read(bytes, conf, &r))
		renew(tls, sessions, conf, &r);
	else
		log_error("a renewed certificate cannot be read");
	secret_free(bytes);
}

/* Its generation retires, and the next one has something else. */
static void
distrust(struct tls_servers *tls, struct sessions *sessions,
    const struct conf *conf, const char *index)
{
	uint64_t i;

	if (tls == NULL ||
	    !text_parse_u64(text_of(index), conf->n_listeners - 1, &i))
		return;
	tls_servers_distrust(tls, (size_t)i);
	sessions_verify_anew(sessions, (size_t)i);
}

void
worker_tls_take(struct tls_servers *tls, struct sessions *sessions,
    const struct conf *conf, const struct control_message *m)
{
	if (m->kind == CONTROL_TICKETS)
		use_ticket_keys(tls, m->text);
	else if (m->kind == CONTROL_RENEWAL)
		take_renewal(tls, sessions, conf, m);
	else if (m->kind == CONTROL_DISTRUST)
		distrust(tls, sessions, conf, m->text);
	if (m->fd != -1)
		close(m->fd);
}
