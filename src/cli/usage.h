/*
 * The texts for --help, made from the command table, so that they always agree
 * with it.
 */
#ifndef CLI_USAGE_H
#define CLI_USAGE_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/verb.h"

/* Prints the text of `sallyport help` and of `sallyport help VERB`. */
void	usage_print_all(const struct verb *const *table, FILE *);
void	usage_print(const struct verb *, FILE *);

/* Prints the verbs of "key"; false: it has none, and nothing was printed. */
bool	usage_print_of(const struct verb *const *table, const char *word,
	    FILE *);

#endif
