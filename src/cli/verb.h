/*
 * A verb as a row of the command table, and looking into such a table.  The
 * table itself is made in verbs.c, above all verbs, and handed down to them.
 */
#ifndef CLI_VERB_H
#define CLI_VERB_H

#include <stddef.h>

#include "cli/args.h"
#include "cli/say.h"

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
 * The verb of the table (ended by NULL) with which the words begin, and the
 * number of words in its name; NULL if there is none.
 */
const struct verb *verb_find(const struct verb *const *table,
		    const char *const *words, size_t n, size_t *used);

/*
 * If the words begin with the name, "key add": the number of its words; else 0.
 */
size_t		 verb_words_match(const char *name, const char *const *words,
		    size_t n);

/* Whether it is a verb of "key", like "key add"; "key" itself is no verb. */
bool		 verb_is_of(const struct verb *, const char *word);

#endif
