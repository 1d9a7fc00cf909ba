/*
 * The readers of standard input; see standard.h.  Reads nothing itself.
 */
#include "cli/standard.h"

#include "base/alloc.h"
#include "conf/source.h"

/* The n-th option, from 0, whose value is standard input. */
static const char *
find_option(const struct cli_args *args, size_t n)
{
	for (size_t i = 0; i < args->n_given; i++) {
		const struct cli_given *g = &args->given[i];

		if (g->option->reads && source_is_standard(g->value) &&
		    n-- == 0)
			return g->option->name;
	}
	return NULL;
}

const char *
standard_input_option(const struct cli_args *args)
{
	return find_option(args, 0);
}

/* The number of operands that are it, the omitted one included. */
static size_t
count_operands(const struct cli_args *args, enum cli_operands are)
{
	size_t n = 0;

	if (are == CLI_WORDS)
		return 0;
	if (are == CLI_FILE_OR_STANDARD_INPUT && args->n_operands == 0)
		return 1;
	for (size_t i = 0; i < args->n_operands; i++)
		n += source_is_standard(args->operands[i]);
	return n;
}

char *
standard_input_clash(const struct cli_args *args, enum cli_operands are,
    const char *operands)
{
	size_t n = count_operands(args, are);
	const char *one = find_option(args, 0);
	const char *other = find_option(args, 1);

	if (other != NULL)
		return xasprintf("standard input cannot be both, --%s and "
		    "--%s: it can be read once", one, other);
	if (one != NULL && n != 0)
		return xasprintf("standard input cannot be both, --%s and "
		    "%s: it can be read once", one, operands);
	return n > 1 ? xasprintf("standard input cannot be more than one %s: "
	    "it can be read once", operands) : NULL;
}
