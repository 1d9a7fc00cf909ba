/*
 * Files of listeners; see trust.h.  cert/ knows their content.
 */
#include "conf/trust.h"

#include <string.h>

#include "base/clock.h"
#include "cert/crls.h"
#include "cert/pair.h"
#include "cert/roots.h"
#include "conf/trust_file.h"

static struct conf_due
due_of(enum conf_due_kind kind, const struct draft_listener *d, size_t index)
{
	return (struct conf_due){ .kind = kind, .listener = index,
		.upstream = CONF_NONE, .watched = d->tls.watch };
}

static void
load_certificate(struct loader *l, struct draft_listener *d, size_t index)
{
	struct cert_span span;
	struct trust_file f;

	if (trust_file_open(&f, l, &d->given,
	    OPTION_LISTENER_TLS_certificate, d->tls.certificate,
	    SOURCE_REGULAR)) {
		cert_check_server_chain(f.source.text,
		    clock_wall() / NS_PER_S, &span, &f.report);
		d->out.tls.certificate = trust_file_public(&f);
		if (!f.report.failed)
			trust_file_due(&f,
			    due_of(CONF_DUE_LISTENER, d, index), span);
	}
	trust_file_close(&f);
}

/* The key stays a secret. */
static void
load_key(struct loader *l, struct draft_listener *d)
{
	struct trust_file f;

	if (trust_file_open(&f, l, &d->given,
	    OPTION_LISTENER_TLS_certificate_key, d->tls.certificate_key,
	    SOURCE_PRIVATE_OR_SEALED)) {
		cert_check_key(f.source.text, d->out.tls.certificate,
		    &f.report);
		d->out.tls.certificate_key = source_take(&f.source);
	}
	trust_file_close(&f);
}

/* -- clients -- */

static void
load_client_ca(struct loader *l, struct draft_listener *d, size_t index)
{
	const struct cert_roots_use use = {
		.of_clients = true,
		.revocable = d->tls.client_crl != NULL,
	};
	struct cert_span span;
	struct trust_file f;

	if (trust_file_open(&f, l, &d->given, OPTION_LISTENER_TLS_client_ca,
	    d->tls.client_ca, SOURCE_REGULAR)) {
		cert_check_roots(f.source.text, &use, &span, &f.report);
		d->out.tls.client_ca = trust_file_public(&f);
		if (!f.report.failed)
			trust_file_due(&f,
			    due_of(CONF_DUE_CLIENT_CA, d, index), span);
	}
	trust_file_close(&f);
}

static void
load_client_crl(struct loader *l, struct draft_listener *d, size_t index)
{
	struct cert_span span;
	struct trust_file f;

	if (trust_file_open(&f, l, &d->given, OPTION_LISTENER_TLS_client_crl,
	    d->tls.client_crl, SOURCE_REGULAR)) {
		cert_check_crls(f.source.text, d->out.tls.client_ca, &span,
		    &f.report);
		d->out.tls.client_crl = trust_file_public(&f);
		if (!f.report.failed)
			trust_file_due(&f, due_of(CONF_DUE_CRL, d, index),
			    span);
	}
	trust_file_close(&f);
}

/* An authority is there so that clients are known by it. */
static void
complete_required(struct loader *l, struct draft_listener *d)
{
	const enum option_id required = OPTION_LISTENER_TLS_required;

	if (!was_given(&d->given, required))
		d->out.tls.required = d->tls.client_ca != NULL;
	else
		d->out.tls.required = d->tls.required;
	if (d->out.tls.required)
		trust_file_needs(l, &d->given, required,
		    OPTION_LISTENER_TLS_client_ca);
}

/* For those who read them anew; see renew.c. */
static void
note_files(struct draft_listener *d)
{
	const struct conf_where *at = d->given.option;
	const struct conf_file files[CONF_TLS_FILES] = {
		[CONF_TLS_CERTIFICATE] = { d->tls.certificate,
		    at[OPTION_LISTENER_TLS_certificate] },
		[CONF_TLS_KEY] = { d->tls.certificate_key,
		    at[OPTION_LISTENER_TLS_certificate_key] },
		[CONF_TLS_CLIENT_CA] = { d->tls.client_ca,
		    at[OPTION_LISTENER_TLS_client_ca] },
		[CONF_TLS_CLIENT_CRL] = { d->tls.client_crl,
		    at[OPTION_LISTENER_TLS_client_crl] },
	};

	memcpy(d->out.tls.files, files, sizeof(files));
	d->out.tls.watch = d->tls.watch;
}

void
trust_load_listener(struct loader *l, struct draft_listener *d, size_t index)
{
	load_certificate(l, d, index);
	load_key(l, d);
	trust_file_needs(l, &d->given, OPTION_LISTENER_TLS_client_crl,
	    OPTION_LISTENER_TLS_client_ca);
	load_client_ca(l, d, index);
	if (d->tls.client_ca != NULL)
		load_client_crl(l, d, index);
	complete_required(l, d);
}

void
trust_load_listeners(struct loader *l)
{
	for (size_t i = 0; i < l->draft.listeners.n; i++) {
		struct draft_listener *d = draft_listener(&l->draft, i);

		trust_load_listener(l, d, i);
		note_files(d);
	}
}
