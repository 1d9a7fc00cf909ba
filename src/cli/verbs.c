/*
 * The command table and the way from argv to a verb; see verbs.h.  Knows
 * nothing about what a verb does.
 */
#include "cli/verbs.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/nearest.h"

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

/* The words begin with those of the name: how many they are, or 0. */
static size_t
match_name(const char *name, const char *const *words, size_t n)
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
		*used = match_name((*v)->name, words, n);
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

/* The verbs that begin with this word, "'key add', ..."; NULL: none does. */
static char *
list_verbs_of(const char *word)
{
	char *all = NULL, *longer;

	for (const struct verb *const *v = verbs; *v != NULL; v++) {
		if (!cli_verb_is_of(*v, word))
			continue;
		longer = all == NULL ? xasprintf("'%s'", (*v)->name) :
		    xasprintf("%s, '%s'", all, (*v)->name);
		free(all);
		all = longer;
	}
	return all;
}

/* Two words or one; NULL: nothing is near. */
static const char *
nearest_verb(const char *word)
{
	struct nearest near;

	nearest_start(&near, word);
	for (const struct verb *const *v = verbs; *v != NULL; v++)
		nearest_offer(&near, (*v)->name);
	return near.best;
}

static void
say_unknown(const char *word, const char *second)
{
	char *both = xasprintf("%s %s", word, second), *some;
	const char *near = nearest_verb(both);

	some = list_verbs_of(word);
	if (near == NULL && some == NULL)
		near = nearest_verb(word);
	(void)fprintf(stderr, "sallyport: unknown verb '%s'",
	    some != NULL ? both : word);
	if (near != NULL)
		(void)fprintf(stderr, " (did you mean '%s'?)", near);
	else if (some != NULL)
		(void)fprintf(stderr, "; there are %s", some);
	free(some);
	free(both);
}

enum cli_exit
cli_unknown_verb(const char *const *words, size_t n)
{
	const char *second = n > 1 && words[1][0] != '-' ? words[1] : "";
	char *some = *second == '\0' ? list_verbs_of(words[0]) : NULL;

	if (some != NULL)
		(void)fprintf(stderr, "sallyport: which of them? %s", some);
	else if (words[0][0] == '-')
		(void)fprintf(stderr, "sallyport: a verb comes first, its "
		    "options such as '%s' behind it", words[0]);
	else
		say_unknown(words[0], second);
	(void)fputs("\nTry 'sallyport help'.\n", stderr);
	free(some);
	return CLI_USAGE;
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

static enum cli_exit
run_checked(const struct verb *v, const struct cli_args *args)
{
	if (args->n_operands < v->min_operands)
		return cli_wrong_usage(v, "%s expected", v->operands);
	if (args->n_operands > v->max_operands)
		return cli_wrong_usage(v, "unexpected '%s'",
		    args->operands[v->max_operands]);
	for (size_t i = 0; i < args->n_operands; i++) {
		if (*args->operands[i] == '\0')
			return cli_wrong_usage(v, "%s expected, not an empty "
			    "word", v->operands);
	}
	return v->run(args);
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
		result = run_checked(v, &args);
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
	return strcmp(word, "--version") == 0 ? "version" : word;
}

enum cli_exit
cli_main(int argc, const char *const *argv)
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
