/*
 * Loading a configuration, from its file to a struct conf: main file and
 * fragments, identity, sealed files, checks.  Each step reports its errors, and
 * the next ones go on with what could be read.
 */
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "conf/check.h"
#include "conf/loader.h"
#include "conf/parse.h"
#include "conf/parts.h"
#include "conf/paths.h"
#include "conf/source.h"
#include "conf/tree.h"
#include "conf/trust.h"
#include "conf/unlock.h"

void
loader_begin(struct loader *l, const char *file,
    const struct conf_opening *opening, struct conf_diagnostics *diagnostics)
{
	*l = (struct loader){
		.memory = conf_memory_new(),
		.scratch = conf_memory_new(),
		.opening = opening,
		.directory = file_folder(file),
		.presets = parse_presets(),
	};
	parse_init(&l->draft);
	l->reader = (struct reader){
		.diagnostics = diagnostics,
		.memory = &l->memory->arena,
		.scratch = &l->scratch->arena,
		.files = &l->draft.out.files,
		.directory = l->directory,
		.presets = l->presets,
	};
	l->draft.out.memory = l->memory;
	unlock_begin(l);
}

void
loader_end(struct loader *l, bool taken)
{
	for (size_t i = 0; i < l->draft.keys.n; i++)
		secret_free(draft_key(&l->draft, i)->out.value);
	for (size_t i = 0; i < l->draft.upstreams.n; i++)
		secret_free(draft_upstream(&l->draft,
		    i)->out.certificate_key);
	for (size_t i = 0; i < l->draft.listeners.n; i++)
		secret_free(draft_listener(&l->draft,
		    i)->out.tls.certificate_key);
	if (!taken)
		conf_memory_free(l->memory);
	conf_memory_free(l->scratch);
	tree_free(l->presets);
	unlock_end(l);
	free(l->directory);
}

/* Parts. */

/* Reads the options of a part into the draft. */
static bool
read_part(void *ctx, struct part *part, struct source *s,
    struct scan_includes *includes)
{
	struct loader *l = ctx;
	struct tree_source from = { .directory = l->directory,
		.one_of_many = true, .includes = includes };
	struct tree *tree;

	(void)part;
	from.file = reader_file(&l->reader, s->file);
	if (source_is_sealed(s) && !unlock_part(l, s))
		return false;
	from.sealed = s->sealed;
	l->reader.file = from.file;
	l->reader.sealed = s->sealed;
	tree = tree_read(source_writable(s), s->text.n, &from,
	    l->reader.diagnostics);
	if (tree == NULL)
		return false;
	if (l->draft.given.at.file == NULL)
		parse_begin(&l->reader, &l->draft);
	parse_part(&l->reader, tree_root(tree), &l->draft);
	tree_free(tree);
	return true;
}

/* Reads all parts; false where one could not be read. */
static bool
load_parts(struct loader *l, const char *file)
{
	const struct parts_reader reader = { .read = read_part, .ctx = l,
		.advise = true };
	struct parts parts = { .v = NULL };
	bool good = parts_walk(&parts, file, &reader, l->reader.diagnostics);

	if (good)
		parse_end(&l->reader, &l->draft);
	parts_free(&parts);
	return good;
}

/* Sealed files. */

/* Reads the text of a sealed file into the draft. */
static bool
read_sealed(struct loader *l, struct source *s)
{
	const struct tree_source from = { .file = s->file,
		.directory = l->directory, .sealed = true,
		.one_of_many = true };
	struct tree *tree;

	l->reader.file = s->file;
	l->reader.sealed = true;
	tree = tree_read(source_writable(s), s->text.n, &from,
	    l->reader.diagnostics);
	if (tree == NULL)
		return false;
	parse_sealed(&l->reader, tree_root(tree), &l->draft);
	tree_free(tree);
	return true;
}

static void
refuse_plain(struct loader *l, const struct source *s)
{
	char recipient[RECIPIENT_TEXT] = "RECIPIENT";
	char *word = source_word(s->file), *out_file, *out;

	if (l->identities != NULL)
		identities_recipient(l->identities, 0, recipient);
	out_file = xasprintf("%s.age", s->file);
	out = source_word(out_file);
	conf_error(l->reader.diagnostics, s->file, 0, "is not sealed: keys are "
	    "refused in plain text; seal it, and then delete it: sallyport "
	    "seal -r %s -o %s %s", recipient, out, word);
	free(out);
	free(out_file);
	free(word);
}

static bool
load_one(struct loader *l, const char *file, struct conf_where named)
{
	struct source s;
	const char *why = source_read(&s, file, SOURCE_REGULAR);
	bool good = false;

	source_warn(&s, l->reader.diagnostics);
	if (why != NULL)
		conf_error(l->reader.diagnostics, named.file, named.line,
		    "option 'sealed': %s: %s", file, why);
	else if (s.text.n == 0)
		conf_error(l->reader.diagnostics, file, 0, "is empty: put a "
		    "copy of it back, or remove it and make a new one with "
		    "'sallyport key add'");
	else if (!source_is_sealed(&s))
		refuse_plain(l, &s);
	else if (unlock_sealed(l, &s))
		good = read_sealed(l, &s);
	source_free(&s);
	return good;
}

static bool
was_read(const struct loader *l, const char *file)
{
	const struct conf_texts *files = &l->draft.out.files;

	for (size_t i = 0; i < files->n; i++) {
		if (strcmp(files->v[i], file) == 0)
			return true;
	}
	return false;
}

/* A missing directory has no match; one that cannot be read is an error. */
static int
is_serious(const char *directory, int error)
{
	(void)directory;
	return error != ENOENT && error != ENOTDIR;
}

static void
load_pattern(struct loader *l, const struct word *pattern)
{
	const char *path = reader_path(&l->reader, pattern->text);
	struct draft *d = &l->draft;
	glob_t found;
	int failed = glob(path, 0, is_serious, &found);

	if (failed != 0) {
		conf_error(l->reader.diagnostics, pattern->where.file,
		    pattern->where.line, failed == GLOB_NOMATCH ?
		    "option 'sealed': no file matches %s: make one with "
		    "'sallyport key add'" :
		    "option 'sealed': %s: a directory cannot be read", path);
		d->keys.incomplete = d->clients.incomplete = true;
		return;
	}
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *file = found.gl_pathv[i];

		if (was_read(l, file))
			continue;
		file = reader_file(&l->reader, file);
		if (!load_one(l, file, pattern->where))
			d->keys.incomplete = d->clients.incomplete = true;
	}
	globfree(&found);
}

/* Without sealed files the keys may be in a part that is itself sealed. */
static void
load_sealed(struct loader *l)
{
	const struct words *sealed = &l->draft.sealed;
	struct draft *d = &l->draft;

	for (size_t i = 0; i < sealed->n; i++)
		load_pattern(l, &sealed->v[i]);
	if (!was_given(&d->given, OPTION_CONF_sealed) && d->keys.n == 0)
		reader_error_at(&l->reader, d->given.at,
		    "option 'sealed' is missing (top level)");
	if (sealed->n == 0 && d->keys.n == 0)
		d->keys.incomplete = true;
}

struct conf *
conf_load(const char *file, const struct conf_opening *opening,
    struct conf_diagnostics *diagnostics)
{
	const struct conf_opening nothing = { .identity = NULL };
	struct conf *conf = NULL;
	struct loader l;

	loader_begin(&l, file, opening != NULL ? opening : &nothing,
	    diagnostics);
	if (load_parts(&l, file)) {
		unlock_find(&l);
		load_sealed(&l);
		trust_load(&l);
		trust_load_listeners(&l);
		check_draft(&l.reader, &l.draft);
		if (!l.opening->reading_only)
			paths_check(&l.reader, &l.draft);
	}
	conf_diagnostics_sort(diagnostics, &l.draft.out.files);
	if (diagnostics->n_errors == 0) {
		l.draft.out.file = l.draft.out.files.v[0];
		conf = draft_finish(&l.reader, &l.draft);
	}
	loader_end(&l, conf != NULL);
	/* Once for all files, the plain ones included. */
	secret_scrub_heap();
	return conf;
}
