/*
 * The list of faults; see conf.h.  Called by every step of loading.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/lookup.h"
#include "conf/conf.h"

/* Values come from files: no terminal shall obey them. */
static char *
printable(char *s)
{
	for (char *p = s; *p != '\0'; p++) {
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	}
	return s;
}

static void
add(struct conf_faults *, bool, const char *, unsigned, const char *, va_list)
    __attribute__((format(printf, 5, 0)));

static void
add(struct conf_faults *faults, bool warning, const char *file,
    unsigned line, const char *fmt, va_list ap)
{
	char *text;

	if (vasprintf(&text, fmt, ap) < 0)
		alloc_failed();
	if (faults->n == faults->cap) {
		faults->cap = faults->cap != 0 ? faults->cap * 2 : 16;
		faults->v = xreallocarray(faults->v, faults->cap,
		    sizeof(*faults->v));
	}
	faults->v[faults->n++] = (struct conf_fault){
		.file = xstrdup(file), .line = line,
		.text = printable(text), .warning = warning,
	};
	if (!warning)
		faults->n_fatal++;
}

void
conf_fault(struct conf_faults *faults, const char *file, unsigned line,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(faults, false, file, line, fmt, ap);
	va_end(ap);
}

void
conf_warning(struct conf_faults *faults, const char *file, unsigned line,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(faults, true, file, line, fmt, ap);
	va_end(ap);
}

void
conf_faults_free(struct conf_faults *faults)
{
	for (size_t i = 0; i < faults->n; i++) {
		free(faults->v[i].file);
		free(faults->v[i].text);
	}
	free(faults->v);
	*faults = (struct conf_faults){ .v = NULL };
}

bool
conf_faults_has(const struct conf_faults *faults, const char *file,
    unsigned line, const char *text)
{
	for (size_t i = 0; i < faults->n; i++) {
		const struct conf_fault *f = &faults->v[i];

		if (f->line == line && strcmp(f->file, file) == 0 &&
		    strcmp(f->text, text) == 0)
			return true;
	}
	return false;
}

void
conf_faults_print(const struct conf_faults *faults, FILE *out)
{
	for (size_t i = 0; i < faults->n; i++) {
		const struct conf_fault *f = &faults->v[i];

		(void)fprintf(out, "%s:%u: %s%s\n", f->file,
		    f->line != 0 ? f->line : 1,
		    f->warning ? "warning: " : "", f->text);
	}
}

/* A fault and what it is sorted by. */
struct sorted {
	struct conf_fault fault;
	size_t file;		/* its place among those that were read */
	size_t i;
};

static int
compare_numbers(size_t a, size_t b)
{
	return a < b ? -1 : a > b;
}

static int
compare_faults(const void *a, const void *b)
{
	const struct sorted *x = a, *y = b;

	if (x->file != y->file)
		return compare_numbers(x->file, y->file);
	if (x->fault.line != y->fault.line)
		return compare_numbers(x->fault.line, y->fault.line);
	return compare_numbers(x->i, y->i);
}

static void
sort(struct sorted *v, const struct conf_faults *faults,
    const struct conf_texts *files)
{
	struct lookup ranks = { .n = 0 };

	for (size_t i = 0; i < files->n; i++)
		(void)lookup_add(&ranks, files->v[i], i);
	for (size_t i = 0; i < faults->n; i++)
		v[i] = (struct sorted){ .fault = faults->v[i], .i = i,
			.file = lookup_find(&ranks, faults->v[i].file) };
	lookup_free(&ranks);
	qsort(v, faults->n, sizeof(*v), compare_faults);
}

void
conf_faults_sort(struct conf_faults *faults, const struct conf_texts *files)
{
	struct sorted *v = xcalloc(faults->n + 1, sizeof(*v));

	sort(v, faults, files);
	for (size_t i = 0; i < faults->n; i++)
		faults->v[i] = v[i].fault;
	free(v);
}
