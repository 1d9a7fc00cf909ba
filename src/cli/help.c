/*
 * The verb `help` and the texts behind --help: made from the command table,
 * so that they cannot disagree with it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/wrap.h"
#include "cli/verbs.h"
#include "conf/reference.h"

extern const struct verb verb_help;

/* Completion in shells knows these columns. */
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
print_usage(const struct verb *v, FILE *out)
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
cli_help_verb(const struct verb *v, FILE *out)
{
	print_usage(v, out);
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
cli_help_verbs_of(const char *word, FILE *out)
{
	bool some = false;

	for (const struct verb *const *v = cli_verbs(); *v != NULL; v++) {
		if (!cli_verb_is_of(*v, word))
			continue;
		if (!some)
			(void)fprintf(out, "Usage: sallyport %s VERB "
			    "[options]\n\nVerbs:\n", word);
		print_summary(*v, out);
		some = true;
	}
	if (some)
		(void)fprintf(out, "\n'sallyport help %s VERB' tells more "
		    "about one, with an example.\n", word);
	return some;
}

void
cli_help_all(FILE *out)
{
	(void)fputs("Usage: sallyport VERB [options]\n\n"
	    "A local door to an API: requests go in without a key and leave\n"
	    "over verified TLS with the right one.\n\nVerbs:\n", out);
	for (const struct verb *const *v = cli_verbs(); *v != NULL; v++)
		print_summary(*v, out);
	(void)fputs("\n'sallyport help VERB' tells more about one, with an "
	    "example.\n'sallyport help configuration' explains every option of "
	    "the configuration.\n'sallyport --version', or -V, says which "
	    "version this is.\n", out);
}

/*
 * "configuration", or the words of a verb, or the first of them: how many they
 * are; 0: neither.
 */
static size_t
print_topic(const struct cli_args *args)
{
	const struct verb *v;
	size_t used;

	if (strcmp(args->operands[0], "configuration") == 0) {
		if (args->n_operands == 1)
			conf_print_reference(stdout);
		return 1;
	}
	v = cli_verb_find(args->operands, args->n_operands, &used);
	if (v == NULL)
		return args->n_operands == 1 &&
		    cli_help_verbs_of(args->operands[0], stdout);
	if (used == args->n_operands)
		cli_help_verb(v, stdout);
	return used;
}

static enum cli_exit
run_help(const struct cli_args *args)
{
	size_t used;

	if (args->n_operands == 0) {
		cli_help_all(stdout);
		return CLI_DONE;
	}
	used = print_topic(args);
	if (used == 0)
		return cli_unknown_verb(args->operands, args->n_operands);
	if (used < args->n_operands)
		return cli_wrong_usage(&verb_help, "unexpected '%s'",
		    args->operands[used]);
	return CLI_DONE;
}

static const struct cli_option no_options[] = { { .name = NULL } };

const struct verb verb_help = {
	.name = "help",
	.summary = "explains the verbs",
	.options = no_options,
	.operands = "VERB | configuration",
	.max_operands = 2,
	.about = "Lists the verbs, explains one of them, or explains every "
	    "option of the\nconfiguration.\n",
	.example = "sallyport help check\n",
	.run = run_help,
};
