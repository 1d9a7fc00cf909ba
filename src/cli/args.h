/*
 * The words after a verb, read by the options that the verb declares.
 */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include <stdbool.h>
#include <stddef.h>

/* One option of a verb.  An array of them ends with one without name. */
struct cli_option {
	const char *name;	/* "config" for --config */
	char letter;		/* 'c' for -c; 0: none */
	const char *argument;	/* its value, "FILE"; NULL: none */
	bool many;		/* may be given more than once */
	bool required;
	bool may_be_empty;	/* its value; a path or name never is */
	bool reads;		/* its value is a file to read; "-": standard
				   input */
	const char *help;	/* one line */
};

/* The kind of a verb's operands. */
enum cli_operands {
	CLI_WORDS,		/* "-" has no meaning */
	CLI_FILES,		/* to read; "-" is standard input */
	CLI_FILE_OR_STANDARD_INPUT,	/* the same; also the default */
};

struct cli_given {
	const struct cli_option *option;
	const char *value;	/* NULL where the option takes none */
};

struct verb;

/* The texts are argv's. */
struct cli_args {
	const struct verb *verb;	/* the verb, and the table that */
	const struct verb *const *verbs;	/* it is in; see verb.h */
	struct cli_given *given;	/* in the order typed */
	size_t n_given;
	const char **operands;
	size_t n_operands;
	bool help;			/* --help or -h was given */
};

/*
 * Reads argv (the words after the verb).  Options and operands may be mixed;
 * "--" ends the options and "-" is an operand.  The caller fills in verb and
 * verbs.  NULL if all is well, else what is wrong, to be freed. cli_args_free()
 * in either case.
 */
char	*cli_args_parse(struct cli_args *, const struct cli_option *,
	    int argc, const char *const *argv);
void	 cli_args_free(struct cli_args *);

/* The value of an option, or NULL; the last one if given more than once. */
const char *cli_args_value(const struct cli_args *, const char *name);
bool	 cli_args_has(const struct cli_args *, const char *name);

#endif
