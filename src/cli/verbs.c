/*
 * The command table and the way from argv to a verb; see verbs.h.  Knows
 * nothing about what a verb does.
 */
#include "cli/verbs.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/exposed.h"
#include "cli/standard.h"
#include "conf/value.h"

#define VERB(name) extern const struct verb verb_##name;
#include "cli/verbs.tbl"
#undef VERB

static const struct verb *const verbs[] = {
#define VERB(name) &verb_##name,
#include "cli/verbs.tbl"
#undef VERB
	NULL
};

const struct verb *const *
cli_verbs(void)
{
	return verbs;
}

size_t
cli_words_match(const char *name, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(words[i]);

		if (len == 0 || strncmp(name, words[i], len) != 0)
			return 0;
		if (name[len] == '\0')
			return i + 1;
		if (name[len] != ' ')
			return 0;
		name += len + 1;
	}
	return 0;
}

const struct verb *
cli_verb_find(const char *const *words, size_t n, size_t *used)
{
	for (const struct verb *const *v = verbs; *v != NULL; v++) {
		*used = cli_words_match((*v)->name, words, n);
		if (*used != 0)
			return *v;
	}
	return NULL;
}

enum cli_exit
cli_wrong_usage(const struct verb *v, const char *fmt, ...)
{
	va_list ap;

	(void)fprintf(stderr, "sallyport %s: ", v->name);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fprintf(stderr, "\nTry 'sallyport help %s'.\n", v->name);
	return CLI_USAGE;
}

bool
cli_verb_is_of(const struct verb *v, const char *word)
{
	size_t n = strlen(word);

	return strncmp(v->name, word, n) == 0 && v->name[n] == ' ';
}

const char *
cli_shown(const char *word)
{
	return value_may_be_secret(text_of(word)) ? "(withheld)" : word;
}

enum cli_exit
cli_failed(const char *fmt, ...)
{
	va_list ap;

	(void)fputs("sallyport: ", stderr);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
	return CLI_FAILED;
}

/* A path that a verb takes behind an option only; NULL: it takes none. */
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
		return cli_wrong_usage(v, "unexpected '%s'", cli_shown(word));
	return cli_wrong_usage(v, "unexpected '%s' (did you mean '--%s %s'?)",
	    cli_shown(word), option, cli_shown(word));
}

static enum cli_exit
run_checked(const struct verb *v, const struct cli_args *args)
{
	if (args->n_operands < v->min_operands)
		return cli_wrong_usage(v, "%s expected", v->operands);
	if (args->n_operands > v->max_operands)
		return refuse_operand(v, args->operands[v->max_operands]);
	for (size_t i = 0; i < args->n_operands; i++) {
		if (*args->operands[i] == '\0')
			return cli_wrong_usage(v, "%s expected, not an empty "
			    "word", v->operands);
	}
	return v->run(args);
}

static enum cli_exit
run_with(const struct verb *v, const struct cli_args *args)
{
	char *why = standard_input_clash(args, v->operands_are,
	    v->operands);
	enum cli_exit result = why != NULL ? cli_wrong_usage(v, "%s", why) :
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

	if (why != NULL) {
		result = cli_wrong_usage(v, "%s", why);
	} else if (args.help) {
		cli_help_verb(v, stdout);
		result = CLI_DONE;
	} else {
		result = run_with(v, &args);
	}
	free(why);
	cli_args_free(&args);
	return result;
}

/* A full disk or a closed pipe behind stdout is a failure like others. */
static enum cli_exit
finish_output(enum cli_exit result)
{
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return result;
	return result == CLI_DONE ? cli_failed("standard output: %m") : result;
}

static bool
asks_for_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* What people try first, as verbs. */
static const char *
verb_of_option(const char *word)
{
	if (asks_for_help(word))
		return "help";
	if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
		return "version";
	return word;
}

/* Nothing of it is said, nor done with it. */
static enum cli_exit
refuse_exposed(const char *places)
{
	(void)fprintf(stderr, "sallyport: there is a key or an identity in %s, "
	    "so nothing was done.\n"
	    "Others on this machine may have seen it, and the shell's history "
	    "has it now:\nrevoke it and make a new one, or remove it from "
	    "there.  Secrets are read from a\nprompt, from standard input or "
	    "from a file; see 'sallyport help key add'.\n", places);
	return CLI_USAGE;
}

static enum cli_exit
run_words(int argc, const char *const *argv)
{
	const struct verb *v;
	const char *word;
	size_t used;

	if (argc < 2) {
		cli_help_all(stderr);
		return CLI_USAGE;
	}
	word = verb_of_option(argv[1]);
	if (word != argv[1])
		v = cli_verb_find(&word, 1, &used);
	else
		v = cli_verb_find(argv + 1, (size_t)argc - 1, &used);
	if (v == NULL && argc == 3 && asks_for_help(argv[2]) &&
	    cli_help_verbs_of(argv[1], stdout))
		return finish_output(CLI_DONE);
	if (v == NULL)
		return cli_unknown_verb(argv + 1, (size_t)argc - 1);
	used++;
	return finish_output(run_verb(v, argc - (int)used, argv + used));
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
