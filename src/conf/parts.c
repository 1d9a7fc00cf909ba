/*
 * Reading the main file and its fragments; see parts.h.  What stands in them
 * outside of all brackets is the business of one file each, so that each may
 * be sealed and reports with its own name and lines.
 */
#include "conf/parts.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "conf/parse.h"
#include "conf/source.h"
#include "conf/tree.h"
#include "conf/unlock.h"

/* As libconfig has it. */
#define DEPTH	10

static bool	load_part(struct loader *, const char *, struct conf_where,
		    unsigned);

/* The options of one part into the draft; what it includes into a list. */
static bool
read_part(struct loader *l, struct source *s, struct scan_includes *includes)
{
	const struct tree_source from = { .file = s->file,
		.directory = l->directory, .sealed = s->sealed,
		.one_of_many = true, .includes = includes };
	config_t tree;
	bool good;

	l->reader.file = s->file;
	l->reader.sealed = s->sealed;
	good = tree_read(&tree, source_writable(s), s->text.n, &from,
	    l->reader.faults);
	if (good && l->draft.given.at.file == NULL)
		parse_begin(&l->reader, &l->draft);
	if (good)
		parse_part(&l->reader, config_root_setting(&tree), &l->draft);
	tree_free(&tree, &from);
	return good;
}

static bool
load_includes(struct loader *l, const struct scan_includes *includes,
    const char *file, unsigned depth)
{
	bool good = true;

	for (size_t i = 0; i < includes->n; i++) {
		const struct scan_include *in = &includes->v[i];
		const struct conf_where named = { .file = file,
			.line = in->line };

		good &= load_part(l, reader_path(&l->reader, in->name), named,
		    depth + 1);
	}
	return good;
}

/* Where it is included already, or NULL. */
static const struct word *
find_part(const struct loader *l, const char *path)
{
	for (size_t i = 0; i < l->parts.n; i++) {
		if (strcmp(l->parts.v[i].text, path) == 0)
			return &l->parts.v[i];
	}
	return NULL;
}

static void
add_part(struct loader *l, char *path, struct conf_where named)
{
	struct words *parts = &l->parts;
	struct word *v = arena_alloc(l->reader.scratch,
	    (parts->n + 1) * sizeof(*v));

	if (parts->n != 0)
		memcpy(v, parts->v, parts->n * sizeof(*v));
	v[parts->n] = (struct word){ .text = path, .where = named };
	*parts = (struct words){ .v = v, .n = parts->n + 1 };
}

/* Its options would be given twice, or without end. */
static bool
may_include(struct loader *l, const char *path, struct conf_where named,
    unsigned depth)
{
	const struct word *first = find_part(l, path);

	if (first != NULL && first->where.line == 0)
		reader_fault_at(&l->reader, named, "@include: %s is the main "
		    "file", path);
	else if (first != NULL)
		reader_fault_at(&l->reader, named, "@include: %s is included "
		    "already, in %s:%u", path, first->where.file,
		    first->where.line);
	else if (depth > DEPTH)
		reader_fault_at(&l->reader, named, "@include: more than %d "
		    "files deep", DEPTH);
	return first == NULL && depth <= DEPTH;
}

bool
parts_main_is_missing(const char *file)
{
	return strcmp(file, SOURCE_STANDARD) != 0 && access(file, F_OK) != 0 &&
	    errno == ENOENT;
}

static void
explain_unread(struct loader *l, const char *file, struct conf_where named,
    const char *why)
{
	if (named.line == 0 && parts_main_is_missing(file))
		conf_fault(l->reader.faults, file, 0, "%s: " PARTS_MISSING,
		    why);
	else if (named.line == 0)
		conf_fault(l->reader.faults, file, 0, "%s", why);
	else
		reader_fault_at(&l->reader, named, "@include: %s: %s", file,
		    why);
}

/* The main file is the one that is named nowhere. */
static const char *
read_file(struct source *s, const char *path, const char *file,
    struct conf_where named)
{
	if (named.line != 0)
		return source_read(s, file, SOURCE_REGULAR);
	return source_is_standard(path) ? source_read_standard(s) :
	    source_read(s, file, SOURCE_ANY);
}

static bool
load_part(struct loader *l, const char *path, struct conf_where named,
    unsigned depth)
{
	struct scan_includes includes = { .v = NULL };
	const char *file, *why;
	struct source s;
	bool good;

	if (!may_include(l, path, named, depth))
		return false;
	add_part(l, arena_cstr(l->reader.scratch, text_of(path)), named);
	file = reader_file(&l->reader, named.line == 0 ? source_name(path) :
	    path);
	why = read_file(&s, path, file, named);
	if (why != NULL)
		explain_unread(l, file, named, why);
	source_warn(&s, l->reader.faults);
	good = why == NULL && (!source_is_sealed(&s) || unlock_part(l, &s)) &&
	    read_part(l, &s, &includes);
	source_free(&s);
	if (good)
		good = load_includes(l, &includes, file, depth);
	scan_includes_free(&includes);
	return good;
}

bool
parts_load(struct loader *l, const char *file)
{
	const struct conf_where nowhere = { .line = 0 };

	if (!load_part(l, file, nowhere, 0))
		return false;
	parse_end(&l->reader, &l->draft);
	return true;
}
