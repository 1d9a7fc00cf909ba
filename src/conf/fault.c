/*
 * The list of faults; see conf.h.  Called by every step of loading.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
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

void
conf_faults_print(const struct conf_faults *faults, FILE *out)
{
	for (size_t i = 0; i < faults->n; i++) {
		const struct conf_fault *f = &faults->v[i];

		(void)fprintf(out, "%s:", f->file);
		if (f->line != 0)
			(void)fprintf(out, "%u:", f->line);
		(void)fprintf(out, " %s%s\n", f->warning ? "warning: " : "",
		    f->text);
	}
}

/* The place of a file among those that were read. */
static size_t
rank(const struct conf_texts *files, const char *file)
{
	size_t i = 0;

	while (i < files->n && strcmp(files->v[i], file) != 0)
		i++;
	return i;
}

static bool
comes_before(const struct conf_texts *files, const struct conf_fault *a,
    const struct conf_fault *b)
{
	size_t ra = rank(files, a->file), rb = rank(files, b->file);

	return ra != rb ? ra < rb : a->line < b->line;
}

/* By insertion: stable, and a list of faults is short or hopeless. */
void
conf_faults_sort(struct conf_faults *faults, const struct conf_texts *files)
{
	for (size_t i = 1; i < faults->n; i++) {
		struct conf_fault f = faults->v[i];
		size_t at = i;

		while (at > 0 && comes_before(files, &f, &faults->v[at - 1])) {
			faults->v[at] = faults->v[at - 1];
			at--;
		}
		faults->v[at] = f;
	}
}
