/*
 * What is said of a verb that there is none of.
 */
#ifndef CLI_UNKNOWN_H
#define CLI_UNKNOWN_H

#include "cli/verb.h"

/*
 * "sallyport: unknown verb …" and what hints.tbl knows of it, the nearest one,
 * or those that begin with the first of the words, of which there is one at
 * least; CLI_USAGE.
 */
enum cli_exit	 unknown_verb(const struct verb *const *table,
		    const char *const *words, size_t n);

#endif
