/*
 * Files of certificates and keys; see trust_file.h.  They are read only here,
 * so that workers need none of them, and `check` sees the same as `run`.
 */
#include "conf/trust_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cert/public.h"
#include "conf/unlock.h"

static void
tell(void *owner, bool warning, const char *text)
{
	const struct trust_file *f = owner;
	struct conf_diagnostics *diagnostics = f->l->reader.diagnostics;

	if (warning)
		conf_warning(diagnostics, f->at->file, f->at->line,
		    "option '%s': %s: %s", f->option, f->path, text);
	else
		conf_error(diagnostics, f->at->file, f->at->line,
		    "option '%s': %s: %s", f->option, f->path, text);
}

bool
trust_file_open(struct trust_file *f, struct loader *l,
    const struct given *given, enum option_id id, const char *path,
    enum source_access access)
{
	const char *why;

	*f = (struct trust_file){ .l = l, .at = &given->option[id],
		.option = options[id].name,
		.report = { .tell = tell, .owner = f } };
	if (path == NULL)
		return false;
	f->path = reader_file(&l->reader, path);
	why = unlock_read(l, &f->source, f->path, access);
	if (why != NULL) {
		tell(f, false, why);
		return false;
	}
	return !source_is_sealed(&f->source) || unlock_sealed(l, &f->source);
}

void
trust_file_close(struct trust_file *f)
{
	source_free(&f->source);
}

struct text
trust_file_public(const struct trust_file *f)
{
	return cert_public(f->l->reader.memory, f->source.text);
}

void
trust_file_due(const struct trust_file *f, struct conf_due due,
    struct cert_span span)
{
	struct arena *memory = f->l->reader.memory;
	struct conf *out = &f->l->draft.out;
	struct conf_due *v = arena_alloc(memory,
	    (out->n_dues + 1) * sizeof(*v));
	char *text = xasprintf("option '%s': %s", f->option, f->path);

	due.where = *f->at;
	due.what = arena_cstr(memory, text_of(text));
	due.from = span.from;
	due.until = span.until;
	memcpy(due.subject, span.subject, sizeof(due.subject));
	free(text);
	if (out->n_dues != 0)
		memcpy(v, out->dues, out->n_dues * sizeof(*v));
	v[out->n_dues] = due;
	out->dues = v;
	out->n_dues++;
}

void
trust_file_needs(struct loader *l, const struct given *given,
    enum option_id one, enum option_id other)
{
	if (was_given(given, one) && !was_given(given, other))
		reader_error_at(&l->reader, given->option[one],
		    "option '%s' needs '%s'", options[one].name,
		    options[other].name);
}
