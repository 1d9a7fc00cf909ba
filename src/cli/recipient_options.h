/*
 * Recipients that are given to a verb, by -r and -R.
 */
#ifndef CLI_RECIPIENT_OPTIONS_H
#define CLI_RECIPIENT_OPTIONS_H

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
 * All that were given, maybe none; the caller's.  NULL after printing what is
 * wrong with one.
 */
struct recipients *recipients_given(const struct cli_args *);

#endif
