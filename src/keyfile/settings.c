/*
 * Looking into a configuration; see settings.h.  Knows no verb and no option
 * but a few.
 */
#include "keyfile/settings.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "conf/tree.h"

struct look {
	struct settings *out;
	const char *folder;		/* of the main file */
	struct settings_opener opener;
};

/* Of an option that the files before do not have. */
static void
keep_first(char **value, const config_t *tree, const char *option)
{
	const char *text;

	if (*value == NULL && config_lookup_string(tree, option, &text) ==
	    CONFIG_TRUE)
		*value = xstrdup(text);
}

static void
keep_options(const struct look *look, const config_t *tree)
{
	struct settings *s = look->out;
	config_setting_t *sealed = config_lookup(tree, "sealed");
	const char *identity;
	int n = sealed != NULL ? config_setting_length(sealed) : 0;

	if (s->identity == NULL && config_lookup_string(tree, "identity",
	    &identity) == CONFIG_TRUE)
		s->identity = source_beside(look->folder, identity);
	keep_first(&s->user, tree, "user");
	keep_first(&s->group, tree, "group");
	s->sealed = xreallocarray(s->sealed, s->n_sealed + (size_t)n + 1,
	    sizeof(*s->sealed));
	for (int i = 0; i < n; i++) {
		const char *pattern =
		    config_setting_get_string_elem(sealed, i);

		if (pattern != NULL)
			s->sealed[s->n_sealed++] =
			    source_beside(look->folder, pattern);
	}
}

static bool
open_sealed(const struct look *look, struct source *s)
{
	unsigned line = 0;
	char *why;

	if (!source_is_sealed(s))
		return true;
	why = look->opener.open(look->opener.ctx, s, &line);
	if (why == NULL)
		return true;
	conf_fault(&look->out->faults, s->file, line, "%s", why);
	free(why);
	return false;
}

/* After a fault, too, what was included by then is looked at. */
static bool
look_at(void *ctx, struct part *part, struct source *s,
    struct scan_includes *includes)
{
	const struct look *look = ctx;
	struct tree_source from = { .file = s->file,
		.directory = look->folder, .includes = includes };
	config_t tree;

	if (!open_sealed(look, s))
		return false;
	from.sealed = s->sealed;
	if (tree_read(&tree, source_writable(s), s->text.n, &from,
	    &look->out->faults)) {
		keep_options(look, &tree);
		part->holds_keys = config_lookup(&tree, "keys") != NULL;
	}
	tree_free(&tree, &from);
	return true;
}

void
settings_read(struct settings *s, const char *file,
    struct settings_opener opener)
{
	char *folder = file_folder(file);
	struct look look = { .out = s, .folder = folder, .opener = opener };
	const struct parts_reader reader = { .read = look_at, .ctx = &look };

	(void)parts_walk(&s->parts, file, &reader, &s->faults);
	free(folder);
}

void
settings_free(struct settings *s)
{
	for (size_t i = 0; i < s->n_sealed; i++)
		free(s->sealed[i]);
	free(s->sealed);
	parts_free(&s->parts);
	free(s->identity);
	free(s->user);
	free(s->group);
	conf_faults_free(&s->faults);
	*s = (struct settings){ .identity = NULL };
}
