/*
 * The message for an unknown verb.
 */
#ifndef CLI_UNKNOWN_H
#define CLI_UNKNOWN_H

#include "cli/verb.h"

/*
 * Prints "sallyport: unknown verb ..." and its hint in hints.tbl, or the
 * nearest verb, or the verbs that begin with its first word.  There is at least
 * one word.  Returns CLI_USAGE.
 */
enum cli_exit	 unknown_verb(const struct verb *const *table,
		    const char *const *words, size_t n);

#endif
