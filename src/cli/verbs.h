/*
 * The command table.  A verb is one row of verbs.tbl and one file that
 * defines `const struct verb verb_NAME`.
 */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#include <stddef.h>
#include <stdio.h>

#include "cli/args.h"

/* How a verb ends: the exit status of the program. */
enum cli_exit {
	CLI_DONE = 0,
	CLI_FAILED = 1,		/* the reason was printed to stderr */
	CLI_USAGE = 2,		/* wrong usage */
};

struct verb {
	const char *name;		/* "check", "key add" */
	const char *summary;		/* one line, no full stop */
	const struct cli_option *options;
	const char *operands;		/* "METHOD TARGET"; NULL: none */
	size_t min_operands, max_operands;
	enum cli_operands operands_are;
	const char *about;		/* paragraphs, each line ended */
	const char *example;		/* lines to type, each line ended */
	enum cli_exit (*run)(const struct cli_args *);
};

/*
 * The whole program: argv to an exit status.  Secrets in argv are overwritten
 * (exposed.h).
 */
enum cli_exit	 cli_main(int argc, char **argv);

/* All verbs in the order of the table; ends with NULL. */
const struct verb *const *cli_verbs(void);

/*
 * The verb that the words begin with, and how many of them its name is;
 * NULL when there is none.
 */
const struct verb *cli_verb_find(const char *const *words, size_t n,
		    size_t *used);

/*
 * The words begin with those of the name, "key add": how many those are, or 0.
 */
size_t		 cli_words_match(const char *name, const char *const *words,
		    size_t n);

/* "key add" is a verb of "key", which is none by itself. */
bool		 cli_verb_is_of(const struct verb *, const char *word);

/* To stderr, "sallyport check: TEXT" and where to read on; CLI_USAGE. */
enum cli_exit	 cli_wrong_usage(const struct verb *, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));

/*
 * "sallyport: unknown verb …" and what hints.tbl knows of it, the nearest one,
 * or those that begin with the first of the words, of which there is one at
 * least; CLI_USAGE.
 */
enum cli_exit	 cli_unknown_verb(const char *const *words, size_t n);

/* A word of the command line for a message; what may be a key is withheld. */
const char	*cli_shown(const char *word);

/* To stderr, "sallyport: TEXT"; CLI_FAILED. */
enum cli_exit	 cli_failed(const char *fmt, ...)
		    __attribute__((format(printf, 1, 2)));

/* The text of `sallyport help` and of `sallyport help VERB`. */
void		 cli_help_all(FILE *);
void		 cli_help_verb(const struct verb *, FILE *);

/* The verbs of "key"; false: it has none, nothing was printed. */
bool		 cli_help_verbs_of(const char *word, FILE *);

#endif
