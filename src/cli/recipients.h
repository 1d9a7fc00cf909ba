/*
 * Recipients that a verb is given, by -r and -R.
 */
#ifndef CLI_RECIPIENTS_H
#define CLI_RECIPIENTS_H

#include <stdbool.h>

#include "base/text.h"
#include "cli/args.h"
#include "seal/recipient.h"

/* -r and -R, for the verbs that seal. */
#define CLI_RECIPIENT_OPTIONS \
	{ .name = "recipient", .letter = 'r', .argument = "RECIPIENT", \
	    .many = true, \
	    .help = "Whoever may open it, age1..." }, \
	{ .name = "recipients-file", .letter = 'R', .argument = "FILE", \
	    .many = true, .reads = true, \
	    .help = "Recipients, one per line; # begins a comment; - is " \
	    "standard input." }

/*
 * All that were given, maybe none; the caller's.  NULL after it said what is
 * wrong with one.
 */
struct recipients *recipients_given(const struct cli_args *);

/* One of them has this text. */
bool	recipients_has(const struct recipients *, struct text);

/* Every one of a is one of b. */
bool	recipients_are_among(const struct recipients *a,
	    const struct recipients *b);

#endif
