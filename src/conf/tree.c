/*
 * libconfig at arm's length; see tree.h.  Knows no option.
 */
#include "conf/tree.h"

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

char *
tree_included(const char *directory, const char *name)
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

char *
tree_included(const char *directory, const char *name)
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
scan_file(const char *path, struct conf_faults *faults)
{
	struct source s;
	const char *why = source_read(&s, path, SOURCE_ANY);
	bool readable;

	if (why != NULL)
		conf_fault(faults, path, 0, "%s", why);
	source_warn(&s, faults);
	readable = why == NULL && scan_fragment(source_writable(&s), s.text.n,
	    false, path, faults);
	source_free(&s);
	return readable;
}

/* What was included was not looked at yet. */
static bool
scan_included(const config_t *c, const struct tree_source *source,
    struct conf_faults *faults)
{
	size_t n = count_included(c);
	bool readable = true;

	for (size_t i = 0; i < n; i++) {
		char *path = tree_included(source->directory,
		    c->filenames[i]);

		readable &= scan_file(path, faults);
		free(path);
	}
	return readable;
}

/*
 * libconfig, which read the file itself, only sees that it is no text of its
 * own; false where that may be.
 */
static bool
explain_file(const char *path, struct conf_faults *faults)
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
		conf_fault(faults, path, 0, "%s", why);
	source_free(&s);
	return why != NULL;
}

/* In words of ours; libconfig has these for what is in a text. */
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
    struct conf_faults *faults)
{
	const char *name = config_error_file(c);
	char *path = name != NULL ? tree_included(source->directory, name) :
	    xstrdup(source->file);

	/* One that cannot be opened is named by who includes it. */
	if (name == NULL || access(path, R_OK) != 0 ||
	    !explain_file(path, faults))
		conf_fault(faults, path, (unsigned)config_error_line(c),
		    "%s", explain_syntax(config_error_text(c)));
	free(path);
}

bool
tree_read(config_t *c, char *p, size_t n, const struct tree_source *source,
    struct conf_faults *faults)
{
	config_init(c);
	if (!scan_text(p, n, source->sealed, source->file, source->includes,
	    faults))
		return false;
	config_set_include_dir(c, source->directory);
	if (config_read_string(c, p) != CONFIG_TRUE) {
		report(c, source, faults);
		return false;
	}
	return scan_included(c, source, faults);
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
tree_free(config_t *c, const struct tree_source *source)
{
	wipe(c->root);
	config_destroy(c);
	if (source->sealed && !source->one_of_many)
		secret_scrub_heap();
}
