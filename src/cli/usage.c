/*
 * Help texts; see usage.h.
 */
#include "cli/usage.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/wrap.h"

/* Shell completion relies on these columns. */
#define USAGE_INDENT	4
#define OPTION_INDENT	33

/* "[-c FILE]", "--host HOST ..."; to be freed. */
static char *
option_usage(const struct cli_option *o)
{
	const char *dots = o->many ? " ..." : "";
	const char *before = o->required ? "" : "[";
	const char *behind = o->required ? "" : "]";
	char *word = o->letter != 0 ? xasprintf("-%c", o->letter) :
	    xasprintf("--%s", o->name), *all;

	all = o->argument == NULL ?
	    xasprintf("%s%s%s%s", before, word, dots, behind) :
	    xasprintf("%s%s %s%s%s", before, word, o->argument, dots, behind);
	free(word);
	return all;
}

static void
print_synopsis(const struct verb *v, FILE *out)
{
	int n = fprintf(out, "Usage: sallyport %s", v->name);
	size_t column = n > 0 ? (size_t)n : 0;
	char *item;

	for (const struct cli_option *o = v->options; o->name != NULL; o++) {
		item = option_usage(o);
		column = wrap_item(item, column, USAGE_INDENT, out);
		free(item);
	}
	if (v->operands != NULL) {
		item = xasprintf(v->min_operands == 0 ? "[%s]" : "%s",
		    v->operands);
		(void)wrap_item(item, column, USAGE_INDENT, out);
		free(item);
	}
	(void)fputc('\n', out);
}

static void
print_option(const struct cli_option *o, FILE *out)
{
	char *text;

	text = xasprintf("%c%c%s--%s%s%s", o->letter != 0 ? '-' : ' ',
	    o->letter != 0 ? o->letter : ' ', o->letter != 0 ? ", " : "  ",
	    o->name, o->argument != NULL ? " " : "",
	    o->argument != NULL ? o->argument : "");
	(void)fprintf(out, "  %-*s ", OPTION_INDENT - 3, text);
	wrap_print(o->help, OPTION_INDENT, OPTION_INDENT, out);
	free(text);
}

/* The lines of a text, each behind some space. */
static void
print_indented(const char *text, FILE *out)
{
	while (*text != '\0') {
		const char *end = strchrnul(text, '\n');

		(void)fprintf(out, "  %.*s\n", (int)(end - text), text);
		text = *end == '\n' ? end + 1 : end;
	}
}

void
usage_print(const struct verb *v, FILE *out)
{
	print_synopsis(v, out);
	(void)fprintf(out, "\n%s", v->about);
	if (v->options->name != NULL)
		(void)fputs("\nOptions:\n", out);
	for (const struct cli_option *o = v->options; o->name != NULL; o++)
		print_option(o, out);
	(void)fputs("\nExample:\n", out);
	print_indented(v->example, out);
}

static void
print_summary(const struct verb *v, FILE *out)
{
	(void)fprintf(out, "  %-12s %s\n", v->name, v->summary);
}

bool
usage_print_of(const struct verb *const *table, const char *word, FILE *out)
{
	bool some = false;

	for (; *table != NULL; table++) {
		if (!verb_is_of(*table, word))
			continue;
		if (!some)
			(void)fprintf(out, "Usage: sallyport %s VERB "
			    "[options]\n\nVerbs:\n", word);
		print_summary(*table, out);
		some = true;
	}
	if (some)
		(void)fprintf(out, "\n'sallyport help %s VERB' tells more "
		    "about one, with an example.\n", word);
	return some;
}

void
usage_print_all(const struct verb *const *table, FILE *out)
{
	(void)fputs("Usage: sallyport VERB [options]\n\n"
	    "A local door to an API: requests go in without a key and leave\n"
	    "over verified TLS with the right one.\n\nVerbs:\n", out);
	for (; *table != NULL; table++)
		print_summary(*table, out);
	(void)fputs("\n'sallyport help VERB' tells more about one, with an "
	    "example.\n'sallyport help configuration' explains every option of "
	    "the configuration,\n'sallyport help metrics' every metric, "
	    "'sallyport help states' those of keys.\n"
	    "'sallyport --version', or -V, says which version this is.\n",
	    out);
}
