/*
 * What was typed after a verb, against the options the verb declares.
 */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include <stdbool.h>
#include <stddef.h>

/* One option of a verb.  An array of them ends with one without name. */
struct cli_option {
	const char *name;	/* "config" for --config */
	char letter;		/* 'c' for -c; 0: none */
	const char *argument;	/* what follows it, "FILE"; NULL: nothing */
	bool many;		/* may be given more than once */
	bool required;
	bool may_be_empty;	/* what follows it; a path or name never is */
	bool reads;		/* it is a file to read; "-": standard input */
	const char *help;	/* one line */
};

/* What the operands of a verb are. */
enum cli_operands {
	CLI_WORDS,		/* "-" means nothing */
	CLI_FILES,		/* to read; "-" is standard input */
	CLI_FILE_OR_STANDARD_INPUT,	/* the same; without one, too */
};

struct cli_given {
	const struct cli_option *option;
	const char *value;	/* NULL where the option takes none */
};

struct verb;

/* The texts are argv's. */
struct cli_args {
	const struct verb *verb;	/* whose they are, and the table that */
	const struct verb *const *verbs;	/* it is in; see verb.h */
	struct cli_given *given;	/* in the order typed */
	size_t n_given;
	const char **operands;
	size_t n_operands;
	bool help;			/* --help or -h was among them */
};

/*
 * Reads argv (what follows the verb).  Options and operands may be mixed;
 * "--" ends the options and "-" is an operand; of which verb they are is left
 * to be filled in.  NULL when all is well, else
 * what is wrong, to be freed.  cli_args_free() in either case.
 */
char	*cli_args_parse(struct cli_args *, const struct cli_option *,
	    int argc, const char *const *argv);
void	 cli_args_free(struct cli_args *);

/* The value of an option, or NULL; the last one if given more than once. */
const char *cli_args_value(const struct cli_args *, const char *name);
bool	 cli_args_has(const struct cli_args *, const char *name);

#endif
