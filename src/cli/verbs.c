/*
 * The command table and the way from argv to a verb; see verbs.h.  Knows
 * nothing about what a verb does, and no verb knows this.
 */
#include "cli/verbs.h"

#include <stdlib.h>
#include <string.h>

#include "cli/exposed.h"
#include "cli/say.h"
#include "cli/standard.h"
#include "cli/unknown.h"
#include "cli/usage.h"
#include "cli/verb.h"

#define VERB(name) extern const struct verb verb_##name;
#include "cli/verbs.tbl"
#undef VERB

static const struct verb *const verbs[] = {
#define VERB(name) &verb_##name,
#include "cli/verbs.tbl"
#undef VERB
	NULL
};

/* Verbs that we start ourselves; help does not know them. */
extern const struct verb verb_admin;
static const struct verb *const hidden[] = { &verb_admin, NULL };

/* The option by which a verb takes a path; NULL: it takes none. */
static const char *
option_for_path(const struct verb *v)
{
	static const char *const names[] = { "config", "dir", "output" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		for (const struct cli_option *o = v->options; o->name != NULL;
		    o++) {
			if (strcmp(o->name, names[i]) == 0)
				return names[i];
		}
	}
	return NULL;
}

static enum cli_exit
refuse_operand(const struct verb *v, const char *word)
{
	const char *option = option_for_path(v);

	if (option == NULL || v->operands != NULL)
		return say_usage(v->name, "unexpected '%s'", say_word(word));
	return say_usage(v->name, "unexpected '%s' (did you mean '--%s "
	    "%s'?)", say_word(word), option, say_word(word));
}

static enum cli_exit
run_checked(const struct verb *v, const struct cli_args *args)
{
	if (args->n_operands < v->min_operands)
		return say_usage(v->name, "%s expected", v->operands);
	if (args->n_operands > v->max_operands)
		return refuse_operand(v, args->operands[v->max_operands]);
	for (size_t i = 0; i < args->n_operands; i++) {
		if (*args->operands[i] == '\0')
			return say_usage(v->name, "%s expected, not an "
			    "empty word", v->operands);
	}
	return v->run(args);
}

static enum cli_exit
run_with(const struct verb *v, const struct cli_args *args)
{
	char *why = standard_input_clash(args, v->operands_are,
	    v->operands);
	enum cli_exit result = why != NULL ? say_usage(v->name, "%s", why) :
	    run_checked(v, args);

	free(why);
	return result;
}

static enum cli_exit
run_verb(const struct verb *v, int argc, const char *const *argv)
{
	enum cli_exit result;
	struct cli_args args;
	char *why = cli_args_parse(&args, v->options, argc, argv);

	args.verb = v;
	args.verbs = verbs;
	if (why != NULL) {
		result = say_usage(v->name, "%s", why);
	} else if (args.help) {
		usage_print(v, say_output());
		result = CLI_DONE;
	} else {
		result = run_with(v, &args);
	}
	free(why);
	cli_args_free(&args);
	return result;
}

static bool
asks_for_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* Options that people try as verbs. */
static const char *
verb_of_option(const char *word)
{
	if (asks_for_help(word))
		return "help";
	if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
		return "version";
	return word;
}

/* The command line is neither run nor shown. */
static enum cli_exit
refuse_exposed(const char *places)
{
	say_remark("there is a key or an identity in %s, "
	    "so nothing was done.\n"
	    "Others on this machine may have seen it, and the shell's history "
	    "has it now:\nrevoke it and make a new one, or remove it from "
	    "there.  Secrets are read from a\nprompt, from standard input or "
	    "from a file; see 'sallyport help key add'.", places);
	return CLI_USAGE;
}

static enum cli_exit
run_words(int argc, const char *const *argv)
{
	const struct verb *v;
	const char *word;
	size_t used;

	if (argc < 2) {
		usage_print_all(verbs, say_errors());
		return CLI_USAGE;
	}
	word = verb_of_option(argv[1]);
	if (word != argv[1])
		v = verb_find(verbs, &word, 1, &used);
	else
		v = verb_find(verbs, argv + 1, (size_t)argc - 1, &used);
	if (v == NULL)
		v = verb_find(hidden, argv + 1, (size_t)argc - 1, &used);
	if (v == NULL && argc == 3 && asks_for_help(argv[2]) &&
	    usage_print_of(verbs, argv[1], say_output()))
		return say_finish(CLI_DONE);
	if (v == NULL)
		return unknown_verb(verbs, argv + 1, (size_t)argc - 1);
	used++;
	return say_finish(run_verb(v, argc - (int)used, argv + used));
}

enum cli_exit
cli_main(int argc, char **argv)
{
	char *places = exposed_hide(argc, argv);
	enum cli_exit result = places != NULL ? refuse_exposed(places) :
	    run_words(argc, (const char *const *)argv);

	free(places);
	return result;
}
