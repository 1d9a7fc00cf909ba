/*
 * Walking through the main file and its fragments; see parts.h.  Each file is
 * parsed by itself outside of all brackets, so that each may be sealed and
 * errors have its own name and lines.
 */
#include "conf/parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"

/* The same as in libconfig. */
#define DEPTH	10

struct walk {
	struct parts *out;
	const struct parts_reader *reader;
	struct conf_diagnostics *diagnostics;
	char *directory;		/* of the main file */
};

static bool	walk_part(struct walk *, const char *, struct conf_where,
		    unsigned);

static bool
walk_includes(struct walk *w, const struct scan_includes *includes,
    const char *file, unsigned depth)
{
	bool good = true;

	for (size_t i = 0; i < includes->n; i++) {
		const struct scan_include *in = &includes->v[i];
		const struct conf_where named = { .file = file,
			.line = in->line };
		char *path = source_beside(w->directory, in->name);

		good &= walk_part(w, path, named, depth + 1);
		free(path);
	}
	return good;
}

static const struct part *
find_part(const struct parts *parts, const char *path)
{
	for (size_t i = 0; i < parts->n; i++) {
		if (strcmp(parts->v[i].path, path) == 0)
			return &parts->v[i];
	}
	return NULL;
}

static struct part *
add_part(struct parts *parts, const char *path, struct conf_where named)
{
	struct part *part;

	if (parts->n == parts->cap) {
		parts->cap = parts->cap != 0 ? parts->cap * 2 : 8;
		parts->v = xreallocarray(parts->v, parts->cap,
		    sizeof(*parts->v));
	}
	part = &parts->v[parts->n++];
	*part = (struct part){ .path = xstrdup(path), .named = named };
	return part;
}

/* A file included twice would give its options twice, or without end. */
static bool
may_include(const struct walk *w, const char *path, struct conf_where named,
    unsigned depth)
{
	const struct part *first = find_part(w->out, path);

	if (first != NULL && first->named.line == 0)
		conf_error(w->diagnostics, named.file, named.line, "@include: "
		    "%s is the main file", path);
	else if (first != NULL)
		conf_error(w->diagnostics, named.file, named.line, "@include: "
		    "%s is included already, in %s:%u", path, first->named.file,
		    first->named.line);
	else if (depth > DEPTH)
		conf_error(w->diagnostics, named.file, named.line, "@include: "
		    "more than %d files deep", DEPTH);
	return first == NULL && depth <= DEPTH;
}

bool
parts_main_is_missing(const char *file)
{
	return !source_is_standard(file) && access(file, F_OK) != 0 &&
	    errno == ENOENT;
}

static void
explain_unread(const struct walk *w, const struct part *part, const char *why)
{
	const struct conf_where *named = &part->named;

	if (named->line != 0)
		conf_error(w->diagnostics, named->file, named->line,
		    "@include: %s: %s", part->path, why);
	else if (w->reader->advise && parts_main_is_missing(part->path))
		conf_error(w->diagnostics, part->path, 0, "%s: " PARTS_MISSING,
		    why);
	else
		conf_error(w->diagnostics, source_name(part->path), 0, "%s",
		    why);
}

static const char *
read_file(struct source *s, const struct part *part)
{
	if (part->named.line != 0)
		return source_read(s, part->path, SOURCE_REGULAR);
	return source_is_standard(part->path) ? source_read_standard(s) :
	    source_read(s, part->path, SOURCE_ANY);
}

/* Reads the text of a part, which is not kept while others are read. */
static bool
read_part(const struct walk *w, struct part *part,
    struct scan_includes *includes)
{
	const struct parts_reader *reader = w->reader;
	struct source s;
	const char *why = read_file(&s, part);
	bool good = false;

	if (why != NULL)
		explain_unread(w, part, why);
	if (reader->advise)
		source_warn(&s, w->diagnostics);
	if (why == NULL)
		good = reader->read(reader->ctx, part, &s, includes);
	part->sealed = s.sealed;
	source_free(&s);
	return good;
}

static bool
walk_part(struct walk *w, const char *path, struct conf_where named,
    unsigned depth)
{
	struct scan_includes includes = { .v = NULL };
	struct part *part;
	const char *file;
	bool good;

	if (!may_include(w, path, named, depth))
		return false;
	part = add_part(w->out, path, named);
	file = source_name(part->path);
	good = read_part(w, part, &includes);
	if (good)
		good = walk_includes(w, &includes, file, depth);
	scan_includes_free(&includes);
	return good;
}

bool
parts_walk(struct parts *parts, const char *main_file,
    const struct parts_reader *reader, struct conf_diagnostics *diagnostics)
{
	struct walk w = {
		.out = parts, .reader = reader, .diagnostics = diagnostics,
		.directory = file_folder(main_file),
	};
	const struct conf_where nowhere = { .line = 0 };
	bool good = walk_part(&w, main_file, nowhere, 0);

	free(w.directory);
	return good;
}

void
parts_free(struct parts *parts)
{
	for (size_t i = 0; i < parts->n; i++)
		free(parts->v[i].path);
	free(parts->v);
	*parts = (struct parts){ .v = NULL };
}
