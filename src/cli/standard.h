/*
 * Standard input as a file of a verb: it can be read only once.
 */
#ifndef CLI_STANDARD_H
#define CLI_STANDARD_H

#include "cli/args.h"

/* The name of the first option that is standard input, or NULL. */
const char *standard_input_option(const struct cli_args *);

/*
 * The reason why standard input cannot be used for all that was typed, to be
 * freed; NULL: it can.  operands is the verb's word for them, "FILE".
 */
char	*standard_input_clash(const struct cli_args *, enum cli_operands,
	    const char *operands);

#endif
