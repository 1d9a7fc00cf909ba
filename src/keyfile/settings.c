/*
 * Looking into a configuration; see settings.h.  Knows no verb and no option
 * but a few.
 */
#include "keyfile/settings.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "conf/tree.h"

struct walk {
	struct settings *out;
	const char *main_file;
	struct settings_opener opener;
};

static void	walk_part(struct walk *, const char *path, const char *from,
		    unsigned line);

/* What is relative in a configuration is so to its main file. */
static char *
path_beside(const char *file, const char *path)
{
	const char *slash = strrchr(file, '/');

	if (path[0] == '/' || slash == NULL)
		return xstrdup(path);
	return xasprintf("%.*s/%s", (int)(slash - file), file, path);
}

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
read_settings(struct walk *w, const config_t *tree)
{
	struct settings *s = w->out;
	config_setting_t *sealed = config_lookup(tree, "sealed");
	const char *identity;
	int n = sealed != NULL ? config_setting_length(sealed) : 0;

	if (s->identity == NULL && config_lookup_string(tree, "identity",
	    &identity) == CONFIG_TRUE)
		s->identity = path_beside(w->main_file, identity);
	keep_first(&s->user, tree, "user");
	keep_first(&s->group, tree, "group");
	s->sealed = xreallocarray(s->sealed, s->n_sealed + (size_t)n + 1,
	    sizeof(*s->sealed));
	for (int i = 0; i < n; i++) {
		const char *pattern =
		    config_setting_get_string_elem(sealed, i);

		if (pattern != NULL)
			s->sealed[s->n_sealed++] =
			    path_beside(w->main_file, pattern);
	}
}

/* The text of the part that was added last. */
static void
read_text(struct walk *w, struct source *s)
{
	char *directory = path_beside(w->main_file, ".");
	struct scan_includes includes = { .v = NULL };
	const struct tree_source from = { .file = s->file,
		.directory = directory, .sealed = s->sealed,
		.includes = &includes };
	config_t tree;

	if (tree_read(&tree, source_writable(s), s->text.n, &from,
	    &w->out->faults)) {
		read_settings(w, &tree);
		w->out->parts[w->out->n_parts - 1].holds_keys =
		    config_lookup(&tree, "keys") != NULL;
	}
	tree_free(&tree, &from);
	free(directory);
	for (size_t i = 0; i < includes.n; i++) {
		char *path = path_beside(w->main_file, includes.v[i].name);

		walk_part(w, path, s->file, includes.v[i].line);
		free(path);
	}
	scan_includes_free(&includes);
}

static bool
was_read(const struct settings *s, const char *path)
{
	for (size_t i = 0; i < s->n_parts; i++) {
		if (strcmp(s->parts[i].path, path) == 0)
			return true;
	}
	return false;
}

static bool
open_sealed(struct walk *w, struct source *s)
{
	unsigned line = 0;
	char *why;

	if (!source_is_sealed(s))
		return true;
	why = w->opener.open(w->opener.ctx, s, &line);
	if (why == NULL)
		return true;
	conf_fault(&w->out->faults, s->file, line, "%s", why);
	free(why);
	return false;
}

/* The main file is the one that is named nowhere. */
static void
explain_unread(struct walk *w, const char *path, const char *from,
    unsigned line, const char *why)
{
	if (from == NULL)
		conf_fault(&w->out->faults, source_name(path), 0, "%s", why);
	else
		conf_fault(&w->out->faults, from, line, "@include: %s: %s",
		    path, why);
}

static void
walk_part(struct walk *w, const char *path, const char *from, unsigned line)
{
	struct settings *out = w->out;
	struct source s;
	const char *why;

	if (was_read(out, path))
		return;
	out->parts = xreallocarray(out->parts, out->n_parts + 1,
	    sizeof(*out->parts));
	out->parts[out->n_parts++] = (struct settings_part){
		.path = xstrdup(from == NULL ? source_name(path) : path) };
	if (from == NULL && source_is_standard(path))
		why = source_read_standard(&s);
	else
		why = source_read(&s, path, from == NULL ? SOURCE_ANY :
		    SOURCE_REGULAR);
	if (why != NULL) {
		explain_unread(w, path, from, line, why);
	} else if (open_sealed(w, &s)) {
		out->parts[out->n_parts - 1].sealed = s.sealed;
		read_text(w, &s);
	}
	source_free(&s);
}

void
settings_read(struct settings *s, const char *file,
    struct settings_opener opener)
{
	struct walk w = { .out = s, .main_file = file, .opener = opener };

	walk_part(&w, file, NULL, 0);
}

void
settings_free(struct settings *s)
{
	for (size_t i = 0; i < s->n_sealed; i++)
		free(s->sealed[i]);
	for (size_t i = 0; i < s->n_parts; i++)
		free(s->parts[i].path);
	free(s->sealed);
	free(s->parts);
	free(s->identity);
	free(s->user);
	free(s->group);
	conf_faults_free(&s->faults);
	*s = (struct settings){ .identity = NULL };
}
