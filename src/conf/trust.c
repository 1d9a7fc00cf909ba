/*
 * Files of upstreams; see trust.h.  cert/ knows their content.
 */
#include "conf/trust.h"

#include "cert/crls.h"
#include "cert/pair.h"
#include "cert/roots.h"
#include "conf/trust_file.h"

static struct conf_due
due_of(enum conf_due_kind kind, size_t upstream)
{
	return (struct conf_due){ .kind = kind, .listener = CONF_NONE,
		.upstream = upstream };
}

static void
take_roots(struct trust_file *f, bool revocable, size_t index,
    struct text *roots)
{
	const struct cert_roots_use use = { .revocable = revocable };
	struct cert_span span;

	cert_check_roots(f->source.text, &use, &span, &f->report);
	*roots = trust_file_public(f);
	if (!f->report.failed)
		trust_file_due(f, due_of(CONF_DUE_CA, index), span);
}

static void
load_roots(struct loader *l, struct draft_upstream *u, size_t index)
{
	struct trust_file f;

	if (trust_file_open(&f, l, &u->given, OPTION_UPSTREAM_ca_file,
	    u->ca_file, SOURCE_REGULAR))
		take_roots(&f, u->crl_file != NULL, index, &u->out.roots);
	trust_file_close(&f);
}

/* Of the proxy on the way. */
static void
load_proxy_roots(struct loader *l, struct draft_upstream *u, size_t index)
{
	struct trust_file f;

	if (trust_file_open(&f, l, &u->given, OPTION_UPSTREAM_proxy_ca_file,
	    u->proxy_ca_file, SOURCE_REGULAR))
		take_roots(&f, false, index, &u->out.proxy.roots);
	trust_file_close(&f);
}

static void
load_crls(struct loader *l, struct draft_upstream *u, size_t index)
{
	struct cert_span span;
	struct trust_file f;

	if (trust_file_open(&f, l, &u->given, OPTION_UPSTREAM_crl_file,
	    u->crl_file, SOURCE_REGULAR)) {
		cert_check_crls(f.source.text, u->out.roots, &span, &f.report);
		u->out.crls = trust_file_public(&f);
		if (!f.report.failed)
			trust_file_due(&f, due_of(CONF_DUE_CRL, index), span);
	}
	trust_file_close(&f);
}

/* -- client certificates -- */

static void
load_certificate(struct loader *l, struct draft_upstream *u, size_t index)
{
	struct cert_span span;
	struct trust_file f;

	if (trust_file_open(&f, l, &u->given, OPTION_UPSTREAM_certificate,
	    u->certificate, SOURCE_REGULAR)) {
		cert_check_chain(f.source.text, &span, &f.report);
		u->out.certificate = trust_file_public(&f);
		if (!f.report.failed)
			trust_file_due(&f, due_of(CONF_DUE_CERTIFICATE, index),
			    span);
	}
	trust_file_close(&f);
}

/* The key stays a secret. */
static void
load_key(struct loader *l, struct draft_upstream *u)
{
	struct trust_file f;

	if (trust_file_open(&f, l, &u->given, OPTION_UPSTREAM_certificate_key,
	    u->certificate_key, SOURCE_PRIVATE_OR_SEALED)) {
		cert_check_key(f.source.text, u->out.certificate, &f.report);
		u->out.certificate_key = source_take(&f.source);
	}
	trust_file_close(&f);
}

void
trust_load(struct loader *l)
{
	struct draft *d = &l->draft;

	for (size_t i = 0; i < d->upstreams.n; i++) {
		struct draft_upstream *u = draft_upstream(d, i);

		load_roots(l, u, i);
		load_proxy_roots(l, u, i);
		load_crls(l, u, i);
		trust_file_needs(l, &u->given, OPTION_UPSTREAM_certificate,
		    OPTION_UPSTREAM_certificate_key);
		trust_file_needs(l, &u->given, OPTION_UPSTREAM_certificate_key,
		    OPTION_UPSTREAM_certificate);
		load_certificate(l, u, i);
		load_key(l, u);
	}
}
