/* The only user of libconfig; see tree.h.  It knows no option. */
#include "conf/tree.h"

#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "conf/source.h"
#include "config.h"

/*
 * Up to 1.5 libconfig's names are those of @include, and their list has a
 * length.  Later they are paths, and the list has an end.
 */
#ifdef HAVE_CONFIG_T_NUM_FILENAMES

static char *
path_of(const char *directory, const char *name)
{
	if (name[0] == '/' || strcmp(directory, ".") == 0)
		return xstrdup(name);
	return xasprintf("%s/%s", directory, name);
}

static size_t
count_included(const config_t *c)
{
	return c->num_filenames;
}

#else

static char *
path_of(const char *directory, const char *name)
{
	bool is_here = strcmp(directory, ".") == 0 &&
	    strncmp(name, "./", 2) == 0;

	return xstrdup(is_here ? name + 2 : name);
}

static size_t
count_included(const config_t *c)
{
	size_t n = 0;

	while (c->filenames != NULL && c->filenames[n] != NULL)
		n++;
	return n;
}

#endif

#define QUOTE(x)	#x
#define DOTTED(a, b, c)	QUOTE(a) "." QUOTE(b) "." QUOTE(c)

const char *
tree_library(void)
{
	return DOTTED(LIBCONFIG_VER_MAJOR, LIBCONFIG_VER_MINOR,
	    LIBCONFIG_VER_REVISION);
}

static bool
scan_file(const char *path, struct conf_diagnostics *diagnostics)
{
	struct source s;
	const char *why = source_read(&s, path, SOURCE_ANY);
	bool readable;

	if (why != NULL)
		conf_error(diagnostics, path, 0, "%s", why);
	source_warn(&s, diagnostics);
	readable = why == NULL && scan_fragment(source_writable(&s), s.text.n,
	    false, path, diagnostics);
	source_free(&s);
	return readable;
}

/* Included texts were not scanned yet. */
static bool
scan_included(const config_t *c, const struct tree_source *source,
    struct conf_diagnostics *diagnostics)
{
	size_t n = count_included(c);
	bool readable = true;

	for (size_t i = 0; i < n; i++) {
		char *path = path_of(source->directory,
		    c->filenames[i]);

		readable &= scan_file(path, diagnostics);
		free(path);
	}
	return readable;
}

/*
 * Explains a file that libconfig read itself and called a syntax error; false
 * where it may be a configuration text.
 */
static bool
explain_file(const char *path, struct conf_diagnostics *diagnostics)
{
	struct source s;
	const char *why = source_read(&s, path, SOURCE_ANY);

	if (why == NULL && source_is_sealed(&s))
		why = "is sealed, and @include cannot open it here: name a "
		      "file of keys in 'sealed', and include others by a "
		      "line of its own, outside of all brackets";
	else if (why == NULL && s.marked)
		why = "begins with a byte order mark, which is not skipped "
		      "where a file is included inside of brackets: save it "
		      "without";
	if (why != NULL)
		conf_error(diagnostics, path, 0, "%s", why);
	source_free(&s);
	return why != NULL;
}

/* libconfig's messages about syntax in our words. */
static const char *
explain_syntax(const char *text)
{
	if (strcmp(text, "duplicate setting name") == 0)
		return "an option is given twice: here, and in what includes "
		       "this file or before";
	if (strcmp(text, "syntax error") == 0)
		return "syntax error, here or just before: options are "
		       "written NAME = VALUE;";
	if (strcmp(text, "cannot open include file") == 0)
		return "the included file cannot be opened; inside brackets "
		       "its name counts from this file's folder, even with "
		       "a '/' at its beginning";
	return text;
}

static void
report(const config_t *c, const struct tree_source *source,
    struct conf_diagnostics *diagnostics)
{
	const char *name = config_error_file(c);
	char *path = name != NULL ? path_of(source->directory, name) :
	    xstrdup(source->file);

	/* A file that cannot be opened is named where it is included. */
	if (name == NULL || access(path, R_OK) != 0 ||
	    !explain_file(path, diagnostics))
		conf_error(diagnostics, path, (unsigned)config_error_line(c),
		    "%s", explain_syntax(config_error_text(c)));
	free(path);
}

struct tree {
	config_t c;
	bool scrubbed;		/* memory that its parser freed is
				   overwritten */
};

static bool
read_text(struct tree *t, char *p, size_t n, const struct tree_source *source,
    struct conf_diagnostics *diagnostics)
{
	if (!scan_text(p, n, source->sealed, source->file, source->includes,
	    diagnostics))
		return false;
	config_set_include_dir(&t->c, source->directory);
	if (config_read_string(&t->c, p) != CONFIG_TRUE) {
		report(&t->c, source, diagnostics);
		return false;
	}
	return scan_included(&t->c, source, diagnostics);
}

static struct tree *
tree_new(void)
{
	struct tree *t = xcalloc(1, sizeof(*t));

	config_init(&t->c);
	return t;
}

struct tree *
tree_read(char *p, size_t n, const struct tree_source *source,
    struct conf_diagnostics *diagnostics)
{
	struct tree *t = tree_new();

	t->scrubbed = source->sealed && !source->one_of_many;
	if (read_text(t, p, n, source, diagnostics))
		return t;
	tree_free(t);
	return NULL;
}

struct tree *
tree_of(const char *text)
{
	struct tree *t = tree_new();

	(void)config_read_string(&t->c, text);
	return t;
}

static void
wipe(config_setting_t *s)
{
	if (s->type == CONFIG_TYPE_STRING && s->value.sval != NULL)
		explicit_bzero(s->value.sval, strlen(s->value.sval));
	if (!config_setting_is_aggregate(s))
		return;
	for (int i = 0; i < config_setting_length(s); i++)
		wipe(config_setting_get_elem(s, (unsigned)i));
}

void
tree_free(struct tree *t)
{
	bool scrubbed;

	if (t == NULL)
		return;
	scrubbed = t->scrubbed;
	wipe(t->c.root);
	config_destroy(&t->c);
	free(t);
	if (scrubbed)
		secret_scrub_heap();
}

/* Settings: ours are libconfig's under another name. */

static const config_setting_t *
theirs(const struct setting *s)
{
	return (const config_setting_t *)(const void *)s;
}

static const struct setting *
ours(const config_setting_t *s)
{
	return (const struct setting *)(const void *)s;
}

const struct setting *
tree_root(const struct tree *t)
{
	return ours(config_root_setting(&t->c));
}

enum setting_kind
setting_kind(const struct setting *s)
{
	switch (config_setting_type(theirs(s))) {
	case CONFIG_TYPE_STRING:
		return SETTING_TEXT;
	case CONFIG_TYPE_INT:
		return SETTING_INT;
	case CONFIG_TYPE_INT64:
		return SETTING_INT64;
	case CONFIG_TYPE_BOOL:
		return SETTING_BOOL;
	case CONFIG_TYPE_GROUP:
		return SETTING_GROUP;
	case CONFIG_TYPE_LIST:
		return SETTING_LIST;
	case CONFIG_TYPE_ARRAY:
		return SETTING_ARRAY;
	default:
		return SETTING_OTHER;
	}
}

const char *
setting_name(const struct setting *s)
{
	return config_setting_name(theirs(s));
}

unsigned
setting_line(const struct setting *s)
{
	return config_setting_source_line(theirs(s));
}

char *
setting_included(const struct setting *s, const char *directory)
{
	const char *name = config_setting_source_file(theirs(s));

	return name != NULL ? path_of(directory, name) : NULL;
}

size_t
setting_count(const struct setting *s)
{
	return (size_t)config_setting_length(theirs(s));
}

const struct setting *
setting_at(const struct setting *s, size_t i)
{
	return ours(config_setting_get_elem(theirs(s), (unsigned)i));
}

const struct setting *
setting_find(const struct setting *s, const char *name)
{
	return ours(config_setting_get_member(theirs(s), name));
}

const struct setting *
setting_beside(const struct setting *s, const char *name)
{
	return ours(config_setting_get_member(
	    config_setting_parent(theirs(s)), name));
}

const char *
setting_text(const struct setting *s)
{
	return s != NULL ? config_setting_get_string(theirs(s)) : NULL;
}

bool
setting_bool(const struct setting *s)
{
	return config_setting_get_bool(theirs(s)) != CONFIG_FALSE;
}

int64_t
setting_number(const struct setting *s)
{
	return config_setting_get_int64(theirs(s));
}
