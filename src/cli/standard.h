/*
 * Standard input where a verb takes files: it can be read only once.
 */
#ifndef CLI_STANDARD_H
#define CLI_STANDARD_H

#include "cli/args.h"

/* The first option that is standard input, by its name, or NULL. */
const char *standard_input_option(const struct cli_args *);

/*
 * Why not all that was typed can be standard input, to be freed; NULL: it
 * can.  The operands are called by what the verb calls them, "FILE".
 */
char	*standard_input_clash(const struct cli_args *, enum cli_operands,
	    const char *operands);

#endif
