/*
 * The list of diagnostics; see conf.h.  Called by every step of loading.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/lookup.h"
#include "base/text.h"
#include "conf/conf.h"

/*
 * Values come from files: terminals must not obey controls in them, nor get
 * what is no UTF-8.
 */
static char *
printable(char *s)
{
	const uint8_t *end = (const uint8_t *)s + strlen(s);
	size_t n;

	text_defuse(s, "");
	for (uint8_t *p = (uint8_t *)s; p < end; p += n) {
		n = *p < 0x80 ? 1 : json_utf8_length(p, (size_t)(end - p));
		if (n == 0) {
			*p = '?';
			n = 1;
		}
	}
	return s;
}

static void
add(struct conf_diagnostics *, bool, const char *, unsigned, const char *,
    va_list) __attribute__((format(printf, 5, 0)));

static void
add(struct conf_diagnostics *diagnostics, bool warning, const char *file,
    unsigned line, const char *fmt, va_list ap)
{
	char *text;

	if (vasprintf(&text, fmt, ap) < 0)
		alloc_failed();
	if (diagnostics->n == diagnostics->cap) {
		diagnostics->cap = diagnostics->cap != 0 ?
		    diagnostics->cap * 2 : 16;
		diagnostics->v = xreallocarray(diagnostics->v, diagnostics->cap,
		    sizeof(*diagnostics->v));
	}
	diagnostics->v[diagnostics->n++] = (struct conf_diagnostic){
		.file = xstrdup(file), .line = line,
		.text = printable(text), .warning = warning,
	};
	if (!warning)
		diagnostics->n_errors++;
}

void
conf_error(struct conf_diagnostics *diagnostics, const char *file,
    unsigned line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(diagnostics, false, file, line, fmt, ap);
	va_end(ap);
}

void
conf_warning(struct conf_diagnostics *diagnostics, const char *file,
    unsigned line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(diagnostics, true, file, line, fmt, ap);
	va_end(ap);
}

void
conf_diagnostics_free(struct conf_diagnostics *diagnostics)
{
	for (size_t i = 0; i < diagnostics->n; i++) {
		free(diagnostics->v[i].file);
		free(diagnostics->v[i].text);
	}
	free(diagnostics->v);
	*diagnostics = (struct conf_diagnostics){ .v = NULL };
}

bool
conf_diagnostics_pass(struct conf_diagnostics *diagnostics, FILE *out)
{
	bool good = diagnostics->n_errors == 0;

	conf_diagnostics_print(diagnostics, out);
	conf_diagnostics_free(diagnostics);
	return good;
}

bool
conf_diagnostics_have(const struct conf_diagnostics *diagnostics,
    const char *file, unsigned line, const char *text)
{
	for (size_t i = 0; i < diagnostics->n; i++) {
		const struct conf_diagnostic *d = &diagnostics->v[i];

		if (d->line == line && strcmp(d->file, file) == 0 &&
		    strcmp(d->text, text) == 0)
			return true;
	}
	return false;
}

void
conf_diagnostics_print(const struct conf_diagnostics *diagnostics, FILE *out)
{
	for (size_t i = 0; i < diagnostics->n; i++) {
		const struct conf_diagnostic *d = &diagnostics->v[i];
		char *file = printable(xstrdup(d->file));

		(void)fprintf(out, "%s:%u: %s%s\n", file,
		    d->line != 0 ? d->line : 1,
		    d->warning ? "warning: " : "", d->text);
		free(file);
	}
}

/* A diagnostic and its sort key. */
struct sorted {
	struct conf_diagnostic of;
	size_t file;		/* index of its file in reading order */
	size_t i;
};

static int
compare_numbers(size_t a, size_t b)
{
	return a < b ? -1 : a > b;
}

static int
compare(const void *a, const void *b)
{
	const struct sorted *x = a, *y = b;

	if (x->file != y->file)
		return compare_numbers(x->file, y->file);
	if (x->of.line != y->of.line)
		return compare_numbers(x->of.line, y->of.line);
	return compare_numbers(x->i, y->i);
}

static void
sort(struct sorted *v, const struct conf_diagnostics *diagnostics,
    const struct conf_texts *files)
{
	struct lookup ranks = { .n = 0 };

	for (size_t i = 0; i < files->n; i++)
		(void)lookup_add(&ranks, files->v[i], i);
	for (size_t i = 0; i < diagnostics->n; i++)
		v[i] = (struct sorted){ .of = diagnostics->v[i], .i = i,
			.file = lookup_find(&ranks, diagnostics->v[i].file) };
	lookup_free(&ranks);
	qsort(v, diagnostics->n, sizeof(*v), compare);
}

void
conf_diagnostics_sort(struct conf_diagnostics *diagnostics,
    const struct conf_texts *files)
{
	struct sorted *v = xcalloc(diagnostics->n + 1, sizeof(*v));

	sort(v, diagnostics, files);
	for (size_t i = 0; i < diagnostics->n; i++)
		diagnostics->v[i] = v[i].of;
	free(v);
}
