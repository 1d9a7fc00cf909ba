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

/* Keeps the value of an option that no file before had. */
static void
keep_first(char **value, const struct setting *root, const char *option)
{
	const char *text = setting_text(setting_find(root, option));

	if (*value == NULL && text != NULL)
		*value = xstrdup(text);
}

/* NULL for an address is one that is no text. */
static void
add_address(struct settings *s, const char *address, const char *host)
{
	if (address == NULL)
		return;
	s->admin = xreallocarray(s->admin, s->n_admin + 1, sizeof(*s->admin));
	s->admin[s->n_admin++] = (struct settings_admin){
		.address = xstrdup(address),
		.host = host != NULL ? xstrdup(host) : NULL,
	};
}

/* It may have one address, or several. */
static void
add_admin(struct settings *s, const struct setting *group)
{
	const struct setting *address = setting_find(group, "address");
	const struct setting *hosts = setting_find(group, "hosts");
	const char *host = hosts != NULL && setting_count(hosts) != 0 ?
	    setting_text(setting_at(hosts, 0)) : NULL;
	size_t several = address != NULL ? setting_count(address) : 0;

	if (several == 0)
		add_address(s, setting_text(address), host);
	for (size_t i = 0; i < several; i++)
		add_address(s, setting_text(setting_at(address, i)), host);
}

/* One group, or a list of them. */
static void
keep_admin(struct settings *s, const struct setting *admin)
{
	if (admin == NULL)
		return;
	if (setting_kind(admin) == SETTING_GROUP)
		add_admin(s, admin);
	for (size_t i = 0; setting_kind(admin) == SETTING_LIST &&
	    i < setting_count(admin); i++)
		add_admin(s, setting_at(admin, i));
}

static void
keep_options(const struct look *look, const struct setting *root)
{
	struct settings *s = look->out;
	const struct setting *sealed = setting_find(root, "sealed");
	const char *identity = setting_text(setting_find(root, "identity"));
	size_t n = sealed != NULL ? setting_count(sealed) : 0;

	if (s->identity == NULL && identity != NULL)
		s->identity = source_beside(look->folder, identity);
	keep_first(&s->user, root, "user");
	keep_first(&s->group, root, "group");
	keep_admin(s, setting_find(root, "admin"));
	s->sealed = xreallocarray(s->sealed, s->n_sealed + n + 1,
	    sizeof(*s->sealed));
	for (size_t i = 0; i < n; i++) {
		const char *pattern = setting_text(setting_at(sealed, i));

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
	conf_error(&look->out->diagnostics, s->file, line, "%s", why);
	free(why);
	return false;
}

/* The files that were included before an error are read, too. */
static bool
look_at(void *ctx, struct part *part, struct source *s,
    struct scan_includes *includes)
{
	const struct look *look = ctx;
	struct tree_source from = { .file = s->file,
		.directory = look->folder, .includes = includes };
	struct tree *tree;

	if (!open_sealed(look, s))
		return false;
	from.sealed = s->sealed;
	tree = tree_read(source_writable(s), s->text.n, &from,
	    &look->out->diagnostics);
	if (tree != NULL) {
		keep_options(look, tree_root(tree));
		part->holds_keys =
		    setting_find(tree_root(tree), "keys") != NULL;
	}
	tree_free(tree);
	return true;
}

void
settings_read(struct settings *s, const char *file,
    struct settings_opener opener)
{
	char *folder = file_folder(file);
	struct look look = { .out = s, .folder = folder, .opener = opener };
	const struct parts_reader reader = { .read = look_at, .ctx = &look };

	(void)parts_walk(&s->parts, file, &reader, &s->diagnostics);
	free(folder);
}

void
settings_free(struct settings *s)
{
	for (size_t i = 0; i < s->n_sealed; i++)
		free(s->sealed[i]);
	free(s->sealed);
	for (size_t i = 0; i < s->n_admin; i++) {
		free(s->admin[i].address);
		free(s->admin[i].host);
	}
	free(s->admin);
	parts_free(&s->parts);
	free(s->identity);
	free(s->user);
	free(s->group);
	conf_diagnostics_free(&s->diagnostics);
	*s = (struct settings){ .identity = NULL };
}
