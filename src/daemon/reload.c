/*
 * Asking for reloads and telling their results; see reload.h.
 */
#include "daemon/reload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"

void
reload_ask(struct reload *r, uint64_t asker)
{
	if (r->n == r->cap) {
		r->cap = r->cap != 0 ? 2 * r->cap : 8;
		r->askers = xreallocarray(r->askers, r->cap,
		    sizeof(*r->askers));
	}
	r->askers[r->n++] = asker;
}

bool
reload_is_due(const struct reload *r)
{
	return r->n > r->taken;
}

void
reload_begin(struct reload *r)
{
	r->taken = r->n;
}

static void
log_diagnostics(const struct conf_diagnostics *diagnostics)
{
	for (size_t i = 0; i < diagnostics->n; i++) {
		const struct conf_diagnostic *d = &diagnostics->v[i];
		unsigned line = d->line != 0 ? d->line : 1;

		if (d->warning)
			log_warn("%s:%u: %s", d->file, line, d->text);
		else
			log_error("%s:%u: %s", d->file, line, d->text);
	}
}

/* To those who were taken; others may have asked since. */
static void
tell(struct reload *r, bool good, const char *text)
{
	const struct reload_events *e = &r->events;

	e->ended(e->owner, good, text);
	for (size_t i = 0; i < r->taken; i++) {
		if (r->askers[i] != RELOAD_UNASKED)
			e->answer(e->owner, r->askers[i], good, text);
	}
	r->n -= r->taken;
	memmove(r->askers, r->askers + r->taken, r->n * sizeof(*r->askers));
	r->taken = 0;
	free(r->warnings);
	r->warnings = NULL;
}

/* "FILE:LINE: text", a line for each; frees the list. */
static char *
text_of_diagnostics(struct conf_diagnostics *diagnostics)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	if (f == NULL)
		alloc_failed();
	conf_diagnostics_print(diagnostics, f);
	if (fclose(f) != 0)
		alloc_failed();
	conf_diagnostics_free(diagnostics);
	return text;
}

void
reload_loaded(struct reload *r, struct conf_diagnostics *diagnostics)
{
	log_diagnostics(diagnostics);
	r->warnings = text_of_diagnostics(diagnostics);
}

void
reload_warn(struct reload *r, struct conf_diagnostics *diagnostics)
{
	char *before = r->warnings, *more;

	log_diagnostics(diagnostics);
	more = text_of_diagnostics(diagnostics);
	r->warnings = xasprintf("%s%s", before != NULL ? before : "", more);
	free(more);
	free(before);
}

static void
fail(struct reload *r, const char *why)
{
	log_error("the configuration was not reloaded: the one before stays");
	tell(r, false, why);
}

void
reload_failed(struct reload *r, struct conf_diagnostics *diagnostics)
{
	char *text;

	log_diagnostics(diagnostics);
	text = text_of_diagnostics(diagnostics);
	fail(r, text);
	free(text);
}

void
reload_refuse(struct reload *r, const char *why)
{
	log_error("%s", why);
	fail(r, why);
}

void
reload_stopped(struct reload *r)
{
	log_info("the configuration was not reloaded: the daemon is stopping");
	tell(r, false, "it is stopping");
}

void
reload_done(struct reload *r, unsigned generation)
{
	log_info("the configuration was reloaded: generation %u serves",
	    generation);
	tell(r, true, r->warnings);
}

void
reload_free(struct reload *r)
{
	free(r->askers);
	free(r->warnings);
	*r = (struct reload){ .events = r->events };
}
