/*
 * Files of upstreams; see trust.h.  They are read only here, so that workers
 * need none of them, and `check` sees the same as `run`. cert/ knows their
 * content.
 */
#include "conf/trust.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "cert/crls.h"
#include "cert/pair.h"
#include "cert/public.h"
#include "cert/roots.h"
#include "conf/source.h"
#include "conf/unlock.h"

/* One file of an upstream. */
struct file {
	struct loader *l;
	const struct conf_where *at;	/* of the option that names it */
	const char *option;
	const char *path;
	struct source source;
};

static void
tell(void *owner, bool warning, const char *text)
{
	const struct file *f = owner;
	struct conf_diagnostics *diagnostics = f->l->reader.diagnostics;

	if (warning)
		conf_warning(diagnostics, f->at->file, f->at->line,
		    "option '%s': %s: %s", f->option, f->path, text);
	else
		conf_error(diagnostics, f->at->file, f->at->line,
		    "option '%s': %s: %s", f->option, f->path, text);
}

/* False after an error, and where no file is named. */
static bool
open_file(struct file *f, struct loader *l, const struct draft_upstream *u,
    enum option_id id, const char *path)
{
	const char *why;

	*f = (struct file){ .l = l, .at = &u->given.option[id],
		.option = options[id].name };
	if (path == NULL)
		return false;
	f->path = reader_file(&l->reader, path);
	why = unlock_read(l, &f->source, f->path,
	    id == OPTION_UPSTREAM_certificate_key ?
	    SOURCE_PRIVATE_OR_SEALED : SOURCE_REGULAR);
	if (why != NULL) {
		tell(f, false, why);
		return false;
	}
	return !source_is_sealed(&f->source) || unlock_sealed(l, &f->source);
}

static struct text
keep(struct file *f)
{
	return cert_public(f->l->reader.memory, f->source.text);
}

/* -- expiry -- */

/* Notes an end, for a warning in time; warns now, where it is due. */
static void
note_due(struct file *f, enum conf_due_kind kind, struct cert_span span)
{
	struct arena *memory = f->l->reader.memory;
	struct conf *out = &f->l->draft.out;
	struct conf_due *v = arena_alloc(memory,
	    (out->n_dues + 1) * sizeof(*v));
	char *text;

	if (out->n_dues != 0)
		memcpy(v, out->dues, out->n_dues * sizeof(*v));
	text = xasprintf("option '%s': %s", f->option, f->path);
	v[out->n_dues] = (struct conf_due){ .where = *f->at, .kind = kind,
		.what = arena_cstr(memory, text_of(text)),
		.from = span.from, .until = span.until };
	free(text);
	text = conf_due_warning(&v[out->n_dues], clock_wall() / NS_PER_S);
	if (text != NULL)
		conf_warning(f->l->reader.diagnostics, f->at->file, f->at->line,
		    "%s", text);
	free(text);
	out->dues = v;
	out->n_dues++;
}

/* -- trust -- */

static void
load_roots(struct loader *l, struct draft_upstream *u)
{
	struct cert_report report = { .tell = tell };
	struct file f;

	if (open_file(&f, l, u, OPTION_UPSTREAM_ca_file, u->ca_file)) {
		report.owner = &f;
		cert_check_roots(f.source.text, u->crl_file != NULL, &report);
		u->out.roots = keep(&f);
	}
	source_free(&f.source);
}

static void
load_crls(struct loader *l, struct draft_upstream *u)
{
	struct cert_report report = { .tell = tell };
	struct cert_span span;
	struct file f;

	if (open_file(&f, l, u, OPTION_UPSTREAM_crl_file, u->crl_file)) {
		report.owner = &f;
		cert_check_crls(f.source.text, u->out.roots, &span, &report);
		u->out.crls = keep(&f);
		if (!report.failed)
			note_due(&f, CONF_DUE_CRL, span);
	}
	source_free(&f.source);
}

/* -- client certificates -- */

static void
load_certificate(struct loader *l, struct draft_upstream *u)
{
	struct cert_report report = { .tell = tell };
	struct cert_span span;
	struct file f;

	if (open_file(&f, l, u, OPTION_UPSTREAM_certificate,
	    u->certificate)) {
		report.owner = &f;
		cert_check_chain(f.source.text, &span, &report);
		u->out.certificate = keep(&f);
		if (!report.failed)
			note_due(&f, CONF_DUE_CERTIFICATE, span);
	}
	source_free(&f.source);
}

/* The key stays a secret. */
static void
load_key(struct loader *l, struct draft_upstream *u)
{
	struct cert_report report = { .tell = tell };
	struct file f;

	if (open_file(&f, l, u, OPTION_UPSTREAM_certificate_key,
	    u->certificate_key)) {
		report.owner = &f;
		cert_check_key(f.source.text, u->out.certificate, &report);
		u->out.certificate_key = source_take(&f.source);
	}
	source_free(&f.source);
}

static void
check_both(struct loader *l, const struct draft_upstream *u,
    enum option_id one, enum option_id other)
{
	if (was_given(&u->given, one) && !was_given(&u->given, other))
		reader_error_at(&l->reader, u->given.option[one],
		    "option '%s' needs '%s'", options[one].name,
		    options[other].name);
}

void
trust_load(struct loader *l)
{
	struct draft *d = &l->draft;

	for (size_t i = 0; i < d->upstreams.n; i++) {
		struct draft_upstream *u = draft_upstream(d, i);

		load_roots(l, u);
		load_crls(l, u);
		check_both(l, u, OPTION_UPSTREAM_certificate,
		    OPTION_UPSTREAM_certificate_key);
		check_both(l, u, OPTION_UPSTREAM_certificate_key,
		    OPTION_UPSTREAM_certificate);
		load_certificate(l, u);
		load_key(l, u);
	}
}
