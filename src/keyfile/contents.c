/*
 * The content of sealed files; see contents.h.
 */
#include "keyfile/contents.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "conf/parse.h"
#include "conf/reader.h"
#include "conf/tree.h"

/*
 * Whether it has keys and clients only, or other parts of a configuration too.
 */
static enum group_id
find_group(const struct setting *root)
{
	for (size_t i = 0; i < setting_count(root); i++) {
		const char *name = setting_name(setting_at(root, i));

		if (option_find(GROUP_SEALED, name) == NULL &&
		    option_find(GROUP_CONF, name) != NULL)
			return GROUP_CONF;
	}
	return GROUP_SEALED;
}

static void
find_twins(struct contents *k, const char *file,
    struct conf_diagnostics *diagnostics)
{
	for (size_t i = 0; i < contents_count(k); i++) {
		const char *name = contents_name(k, i);

		if (name != NULL &&
		    lookup_add(&k->names, name, i) != LOOKUP_NONE)
			conf_error(diagnostics, file,
			    draft_key(&k->draft, i)->name.where.line,
			    "the name '%s' is used twice", name);
	}
}

/* A copy that ends with NUL. */
static struct secret *
copy_text(struct text t)
{
	return secret_join((const struct text[]){ t, { "", 1 } }, 2);
}

bool
contents_is_text(struct text t)
{
	struct scan_includes includes = { .v = NULL };
	const struct tree_source from = { .file = "", .directory = ".",
		.sealed = true, .includes = &includes };
	struct conf_diagnostics diagnostics = { .n = 0 };
	struct secret *copy = copy_text(t);
	struct tree *tree = tree_read((char *)secret_bytes(copy), t.n, &from,
	    &diagnostics);
	bool good = tree != NULL && diagnostics.n_errors == 0;

	tree_free(tree);
	scan_includes_free(&includes);
	conf_diagnostics_free(&diagnostics);
	secret_free(copy);
	return good;
}

/*
 * Reads a file of keys, which may include no other file; or a part of a
 * configuration, where options may be missing that another part sets.
 */
static void
parse_root(struct reader *r, const struct setting *root,
    const struct scan_includes *includes, struct draft *d)
{
	bool part = find_group(root) == GROUP_CONF ||
	    (includes->n != 0 && setting_count(root) == 0);

	if (!part && includes->n != 0)
		conf_error(r->diagnostics, r->file, includes->v[0].line,
		    "a sealed file cannot use @include: its content must be "
		    "its own");
	if (!part) {
		parse_sealed(r, root, d);
		return;
	}
	parse_begin(r, d);
	parse_part(r, root, d);
}

static bool
read_tree(struct contents *k, struct text t, struct reader *r)
{
	struct secret *copy = copy_text(t);
	struct scan_includes includes = { .v = NULL };
	const struct tree_source from = { .file = r->file,
		.directory = r->directory, .sealed = true,
		.includes = &includes };
	struct tree *tree = tree_read((char *)secret_bytes(copy), t.n, &from,
	    r->diagnostics);
	bool good = tree != NULL;

	if (good)
		parse_root(r, tree_root(tree), &includes, &k->draft);
	tree_free(tree);
	scan_includes_free(&includes);
	secret_free(copy);
	return good;
}

bool
contents_read(struct contents *k, struct text t, const char *file,
    struct conf_diagnostics *diagnostics)
{
	size_t before = diagnostics->n_errors;
	struct reader r = {
		.diagnostics = diagnostics, .directory = ".", .sealed = true,
	};
	struct tree *presets = parse_presets();

	*k = (struct contents){ .memory = conf_memory_new(),
		.scratch = conf_memory_new() };
	r.memory = &k->memory->arena;
	r.scratch = &k->scratch->arena;
	r.presets = presets;
	parse_init(&k->draft);
	r.files = &k->draft.out.files;
	r.file = reader_file(&r, file);
	if (read_tree(k, t, &r))
		find_twins(k, r.file, diagnostics);
	tree_free(presets);
	return diagnostics->n_errors == before;
}

void
contents_free(struct contents *k)
{
	for (size_t i = 0; i < k->draft.keys.n; i++)
		secret_free(draft_key(&k->draft, i)->out.value);
	lookup_free(&k->names);
	conf_memory_free(k->memory);
	conf_memory_free(k->scratch);
	*k = (struct contents){ .memory = NULL };
}

size_t
contents_count(const struct contents *k)
{
	return k->draft.keys.n;
}

const struct conf_key *
contents_key(const struct contents *k, size_t i)
{
	return &draft_key(&k->draft, i)->out;
}

const char *
contents_name(const struct contents *k, size_t i)
{
	return draft_key(&k->draft, i)->name.text;
}

size_t
contents_find(const struct contents *k, const char *name)
{
	return lookup_find(&k->names, name);
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool
same_hosts(const struct conf_texts *a, const struct conf_texts *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		if (strcmp(a->v[i], b->v[i]) != 0)
			return false;
	}
	return true;
}

static bool
same_key(const struct contents *a, size_t i, const struct contents *b, size_t j)
{
	const struct conf_key *x = contents_key(a, i), *y = contents_key(b, j);

	return same_text(contents_name(a, i), contents_name(b, j)) &&
	    x->value != NULL && y->value != NULL &&
	    secret_equal(x->value, y->value) &&
	    same_text(x->field, y->field) &&
	    same_text(x->scheme, y->scheme) &&
	    x->plain == y->plain &&
	    same_text(x->note, y->note) && x->expires == y->expires &&
	    x->created == y->created &&
	    same_hosts(&x->hosts, &y->hosts);
}

bool
contents_same_but(const struct contents *a, const struct contents *b,
    size_t left_out)
{
	size_t n = contents_count(b) - (left_out != SIZE_MAX);

	if (contents_count(a) != n ||
	    a->draft.clients.n != b->draft.clients.n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!same_key(a, i, b, i >= left_out ? i + 1 : i))
			return false;
	}
	return true;
}

bool
contents_begins_with(const struct contents *a, const struct contents *b)
{
	if (contents_count(a) < contents_count(b) ||
	    a->draft.clients.n != b->draft.clients.n)
		return false;
	for (size_t i = 0; i < contents_count(b); i++) {
		if (!same_key(a, i, b, i))
			return false;
	}
	return true;
}
