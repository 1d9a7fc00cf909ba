/*
 * Configurations from texts; see texts.h.
 */
#include "texts.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "conf/check.h"
#include "conf/memory.h"
#include "conf/parse.h"
#include "conf/tree.h"

struct texts {
	struct reader reader;
	struct draft draft;
	struct conf_memory *memory, *scratch;
	struct tree *presets;
};

static void
texts_init(struct texts *t, struct conf_diagnostics *diagnostics)
{
	t->memory = conf_memory_new();
	t->scratch = conf_memory_new();
	t->presets = parse_presets();
	parse_init(&t->draft);
	t->reader = (struct reader){
		.diagnostics = diagnostics,
		.memory = &t->memory->arena,
		.scratch = &t->scratch->arena,
		.files = &t->draft.out.files,
		.directory = ".",
		.presets = t->presets,
	};
	t->draft.out.memory = t->memory;
}

static void
texts_free(struct texts *t, bool taken)
{
	for (size_t i = 0; i < t->draft.keys.n; i++)
		secret_free(draft_key(&t->draft, i)->out.value);
	if (!taken)
		conf_memory_free(t->memory);
	conf_memory_free(t->scratch);
	tree_free(t->presets);
}

static void
parse_main(struct texts *t, const struct setting *root)
{
	parse_begin(&t->reader, &t->draft);
	parse_part(&t->reader, root, &t->draft);
	parse_end(&t->reader, &t->draft);
}

static void
read_text(struct texts *t, const char *file, const char *text, bool sealed)
{
	const struct tree_source from = { .file = file,
		.directory = "/nonexistent", .sealed = sealed };
	char *copy = xstrdup(text);
	struct tree *tree;

	t->reader.file = reader_file(&t->reader, file);
	t->reader.sealed = sealed;
	tree = tree_read(copy, strlen(copy), &from, t->reader.diagnostics);
	if (tree != NULL && sealed)
		parse_sealed(&t->reader, tree_root(tree), &t->draft);
	else if (tree != NULL)
		parse_main(t, tree_root(tree));
	tree_free(tree);
	free(copy);
}

struct conf *
texts_load(const char *main_text, const char *sealed_text,
    struct conf_diagnostics *diagnostics)
{
	struct conf *conf = NULL;
	struct texts t;

	texts_init(&t, diagnostics);
	read_text(&t, "main", main_text, false);
	if (sealed_text != NULL)
		read_text(&t, "sealed", sealed_text, true);
	else
		t.draft.keys.incomplete = true;
	check_draft(&t.reader, &t.draft);
	conf_diagnostics_sort(diagnostics, &t.draft.out.files);
	if (diagnostics->n_errors == 0)
		conf = draft_finish(&t.reader, &t.draft);
	texts_free(&t, conf != NULL);
	return conf;
}

static void
add_given(const struct given *from, bool *given)
{
	for (size_t i = 0; i < N_OPTIONS; i++)
		given[i] |= from->option[i].line != 0;
}

static void
add_list(const struct list *list, enum group_id group, bool *given)
{
	for (size_t i = 0; i < list->n; i++)
		add_given(&draft_object(list, group, i)->given, given);
}

void
texts_given(const char *main_text, bool *given,
    struct conf_diagnostics *diagnostics)
{
	struct texts t;

	memset(given, 0, N_OPTIONS * sizeof(*given));
	texts_init(&t, diagnostics);
	read_text(&t, "main", main_text, false);
	add_given(&t.draft.given, given);
	add_list(&t.draft.listeners, GROUP_LISTENER, given);
	add_list(&t.draft.admin, GROUP_ADMIN, given);
	add_list(&t.draft.upstreams, GROUP_UPSTREAM, given);
	add_list(&t.draft.routes, GROUP_ROUTE, given);
	texts_free(&t, false);
}

size_t
texts_count(const struct conf_diagnostics *diagnostics, const char *what)
{
	size_t n = 0;

	for (size_t i = 0; i < diagnostics->n; i++)
		n += strstr(diagnostics->v[i].text, what) != NULL;
	return n;
}
