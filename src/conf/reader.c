/*
 * Names and memory while reading; see reader.h and memory.h.
 */
#include "conf/reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "conf/memory.h"
#include "conf/source.h"
#include "conf/tree.h"

#define BLOCK_SIZE	((size_t)16 * 1024)

struct conf_memory *
conf_memory_new(void)
{
	struct conf_memory *m = xcalloc(1, sizeof(*m));

	m->blocks = blocks_new(BLOCK_SIZE, 0);
	arena_init(&m->arena, m->blocks);
	return m;
}

void
conf_memory_free(struct conf_memory *m)
{
	if (m == NULL)
		return;
	arena_release(&m->arena);
	blocks_free(m->blocks);
	free(m);
}

const char *
reader_file(struct reader *r, const char *name)
{
	struct conf_texts *files = r->files;
	char **v;

	for (size_t i = 0; i < files->n; i++) {
		if (strcmp(files->v[i], name) == 0)
			return files->v[i];
	}
	v = arena_alloc(r->memory, (files->n + 1) * sizeof(*v));
	if (files->n != 0)
		memcpy(v, files->v, files->n * sizeof(*v));
	v[files->n] = arena_cstr(r->memory, text_of(name));
	*files = (struct conf_texts){ .v = v, .n = files->n + 1 };
	return v[files->n - 1];
}

/* Moves a formatted text into the memory of the configuration. */
static char *
keep(struct reader *r, char *text)
{
	char *kept = arena_cstr(r->memory, text_of(text));

	free(text);
	return kept;
}

/* Only an included setting has a file name of its own. */
struct conf_where
reader_where(struct reader *r, const struct setting *s)
{
	char *included = setting_included(s, r->directory);

	return (struct conf_where){
		.file = included != NULL ?
		    reader_file(r, keep(r, included)) : r->file,
		.line = setting_line(s),
	};
}

char *
reader_path(struct reader *r, const char *path)
{
	return keep(r, source_beside(r->directory, path));
}

char *
reader_authority(struct reader *r, const char *host, uint16_t port)
{
	const char *open = strchr(host, ':') != NULL ? "[" : "";
	const char *close = strchr(host, ':') != NULL ? "]" : "";

	if (port == 0)
		return keep(r, xasprintf("%s%s%s", open, host, close));
	return keep(r, xasprintf("%s%s%s:%u", open, host, close, port));
}

static void
add(struct reader *, struct conf_where, const char *, va_list)
    __attribute__((format(printf, 3, 0)));

static void
add(struct reader *r, struct conf_where where, const char *fmt, va_list ap)
{
	char *text;

	if (vasprintf(&text, fmt, ap) < 0)
		alloc_failed();
	conf_error(r->diagnostics, where.file, where.line, "%s", text);
	free(text);
}

void
reader_error_at(struct reader *r, struct conf_where where, const char *fmt,
    ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(r, where, fmt, ap);
	va_end(ap);
}

void
reader_error(struct reader *r, const struct setting *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(r, reader_where(r, s), fmt, ap);
	va_end(ap);
}
