/*
 * The files of a listener, read anew; see renew.h.
 */
#include "conf/renew.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "conf/loader.h"
#include "conf/trust.h"

/* What the configuration said of that listener's files. */
static void
draft_of(const struct conf_listener *from, struct draft_listener *d)
{
	const struct conf_file *files = from->tls.files;
	struct conf_where *at = d->given.option;

	d->given.at = from->where;
	d->tls.certificate = files[CONF_TLS_CERTIFICATE].path;
	at[OPTION_LISTENER_TLS_certificate] =
	    files[CONF_TLS_CERTIFICATE].where;
	d->tls.certificate_key = files[CONF_TLS_KEY].path;
	at[OPTION_LISTENER_TLS_certificate_key] = files[CONF_TLS_KEY].where;
	d->tls.client_ca = files[CONF_TLS_CLIENT_CA].path;
	at[OPTION_LISTENER_TLS_client_ca] = files[CONF_TLS_CLIENT_CA].where;
	d->tls.client_crl = files[CONF_TLS_CLIENT_CRL].path;
	at[OPTION_LISTENER_TLS_client_crl] = files[CONF_TLS_CLIENT_CRL].where;
}

static enum conf_tls_file
file_of(enum conf_due_kind kind)
{
	switch (kind) {
	case CONF_DUE_CRL:
		return CONF_TLS_CLIENT_CRL;
	case CONF_DUE_CLIENT_CA:
		return CONF_TLS_CLIENT_CA;
	case CONF_DUE_CERTIFICATE:
	case CONF_DUE_LISTENER:
	case CONF_DUE_CA:
	case CONF_DUE_KINDS:
		break;
	}
	return CONF_TLS_CERTIFICATE;
}

static struct cert_span
span_of(const struct conf_due *due)
{
	struct cert_span span = { .from = due->from, .until = due->until };

	memcpy(span.subject, due->subject, sizeof(span.subject));
	return span;
}

static void
take(struct loader *l, struct draft_listener *d, struct conf_renewal *out)
{
	const struct conf *read = &l->draft.out;

	*out = (struct conf_renewal){ .tls = d->out.tls, .memory = l->memory };
	d->out.tls.certificate_key = NULL;
	for (size_t i = 0; i < read->n_dues; i++)
		out->span[file_of(read->dues[i].kind)] =
		    span_of(&read->dues[i]);
}

/* An identity is read where a file is sealed, by that of the configuration. */
static void
begin(struct loader *l, const struct conf *conf,
    const struct conf_opening *opening, struct conf_diagnostics *diagnostics)
{
	loader_begin(l, conf->file, opening, diagnostics);
	l->draft.given.at = (struct conf_where){ .file = conf->file,
		.line = 1 };
	l->draft.out.identity = conf->identity;
	l->draft.user.text = conf->user;
	l->draft.group.text = conf->group;
	l->part_sealed = l->identity_waits = true;
}

bool
conf_renew(const struct conf *conf, size_t listener,
    const struct conf_opening *opening, struct conf_renewal *out,
    struct conf_diagnostics *diagnostics)
{
	const struct conf_opening nothing = { .identity = NULL };
	struct draft_listener *d;
	struct loader l;
	bool good;

	begin(&l, conf, opening != NULL ? opening : &nothing, diagnostics);
	d = arena_zalloc(&l.scratch->arena, sizeof(*d));
	draft_of(&conf->listeners[listener], d);
	trust_load_listener(&l, d, listener);
	good = diagnostics->n_errors == 0;
	if (good)
		take(&l, d, out);
	secret_free(d->out.tls.certificate_key);
	loader_end(&l, good);
	secret_scrub_heap();
	return good;
}

void
conf_renewal_free(struct conf_renewal *r)
{
	secret_free(r->tls.certificate_key);
	conf_memory_free(r->memory);
}

void
conf_renewed(struct conf *conf, size_t listener,
    const struct cert_span span[CONF_TLS_FILES])
{
	for (size_t i = 0; i < conf->n_dues; i++) {
		struct conf_due *due = &conf->dues[i];
		const struct cert_span *of = &span[file_of(due->kind)];

		if (due->listener != listener)
			continue;
		due->from = of->from;
		due->until = of->until;
		memcpy(due->subject, of->subject, sizeof(due->subject));
	}
}
