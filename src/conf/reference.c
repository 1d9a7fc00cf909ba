/*
 * The reference of all options; see reference.h.  `help configuration` prints
 * it.  It knows no option by name.
 */
#include "conf/reference.h"

#include <string.h>

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

void
conf_print_reference(FILE *out)
{
	for (enum group_id g = 0; g < N_GROUPS; g++) {
		(void)fprintf(out, "%sOptions of: %s\n", g != 0 ? "\n" : "",
		    option_groups[g].title);
		for (size_t i = 0; i < N_OPTIONS; i++) {
			if (options[i].group == g)
				print_option(&options[i], out);
		}
	}
}
