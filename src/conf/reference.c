/*
 * The reference of all options; see reference.h.  `help configuration` prints
 * it.  It knows no option by name.
 */
#include "conf/reference.h"

#include <string.h>

#include "base/nearest.h"
#include "base/text.h"
#include "base/wrap.h"
#include "conf/options.h"
#include "conf/value.h"

#define INDENT	"        "

static void
print_range(const struct option_info *o, FILE *out)
{
	char least[VALUE_TEXT], most[VALUE_TEXT];

	if (o->max == 0 || o->max == INT64_MAX)
		return;
	option_format_number(o, o->min, least);
	option_format_number(o, o->max, most);
	(void)fprintf(out, ", %s to %s", least, most);
}

/* "a|b|!c" as ": a, b" */
static void
print_words(const char *words, FILE *out)
{
	struct text rest = text_of(words), word;
	const char *before = ": ";

	while (text_split(&rest, '|', &word)) {
		if (text_starts_with(word, TEXT("!")))
			continue;
		(void)fprintf(out, "%s\"%.*s\"", before, TEXT_ARG(word));
		before = ", ";
	}
}

static void
print_option(const struct option_info *o, FILE *out)
{
	if (o->renamed != NULL) {
		(void)fprintf(out, "    %s: has another name: %s\n", o->name,
		    o->renamed);
		return;
	}
	if (o->later) {
		(void)fprintf(out, "    %s: not available in this version\n",
		    o->name);
		return;
	}
	(void)fprintf(out, "    %s: %s", o->name, option_type_text(o->type));
	print_range(o, out);
	if (o->type == OPTION_TYPE_WORD)
		print_words(o->words, out);
	(void)fputc('\n', out);
	if (o->required)
		(void)fputs(INDENT "Required.\n", out);
	else
		(void)fprintf(out, INDENT "Default: %s.\n",
		    o->preset != NULL ? o->preset : o->absent);
	(void)fputs(INDENT, out);
	wrap_print(o->help, sizeof(INDENT) - 1, sizeof(INDENT) - 1, out);
}

/*
 * The options of a group, or only those of a name, behind its title; *some:
 * other groups stand before it.
 */
static void
print_group(enum group_id g, const char *only, bool *some, FILE *out)
{
	bool titled = false;

	for (size_t i = 0; i < N_OPTIONS; i++) {
		if (options[i].group != g ||
		    (only != NULL && strcmp(options[i].name, only) != 0))
			continue;
		if (!titled)
			(void)fprintf(out, "%sOptions of: %s\n",
			    *some ? "\n" : "", option_groups[g].title);
		titled = *some = true;
		print_option(&options[i], out);
	}
}

void
conf_print_reference(FILE *out)
{
	bool some = false;

	for (enum group_id g = 0; g < N_GROUPS; g++)
		print_group(g, NULL, &some, out);
}

/* No option holds the top level, which is the group of those that hold none. */
static bool
is_named(enum group_id g, const char *name)
{
	if (text_eq_nocase(text_of(option_groups[g].title), text_of(name)))
		return true;
	for (size_t i = 0; i < N_OPTIONS; i++) {
		if (g != GROUP_CONF && options[i].of == g &&
		    strcmp(options[i].name, name) == 0)
			return true;
	}
	return false;
}

bool
conf_print_part(const char *name, FILE *out)
{
	bool some = false;

	for (enum group_id g = 0; g < N_GROUPS; g++)
		print_group(g, is_named(g, name) ? NULL : name, &some, out);
	return some;
}

const char *
conf_nearest_part(const char *name)
{
	struct nearest near;

	nearest_start(&near, name);
	for (enum group_id g = 0; g < N_GROUPS; g++)
		nearest_offer(&near, option_groups[g].title);
	for (size_t i = 0; i < N_OPTIONS; i++)
		nearest_offer(&near, options[i].name);
	return near.best;
}
