/*
 * Secrets that a verb is given: from a file, from standard input, or asked
 * for.  The bytes land in memory for secrets and nowhere else.
 */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include <stddef.h>
#include <stdint.h>

#include "base/secret.h"
#include "base/text.h"
#include "cli/args.h"
#include "seal/identity.h"

/* Of the verbs that need a passphrase where no terminal is to be asked. */
#define CLI_PASSPHRASE_OPTION \
	{ .name = "passphrase-file", .argument = "FILE", \
	    .help = "Reads the passphrase from here; - is standard input." }

/* More than any secret that is given this way has. */
#define INPUT_MAX	((size_t)1 << 20)

/*
 * All bytes of a file, "-" is standard input; NULL after it said why not.
 * what names it in messages, "the passphrase".
 */
struct secret	*input_read(const char *file, const char *what, size_t max);

/*
 * The same without its line end, one secret per file.
 */
struct secret	*input_read_line(const char *file, const char *what);

/*
 * A value: from the file if there is one, else from standard input where
 * that is no terminal, else asked for.  NULL after it said why not.
 */
struct secret	*input_value(const char *file, const char *what,
		    const char *question);

/*
 * A passphrase: from the file if there is one, else asked for; twice where
 * it is a new one.  Never from standard input unasked: that may be data.
 */
struct secret	*input_passphrase(const char *file, bool is_new,
		    const char *question);

/*
 * The passphrase of an identity, given by these arguments or asked for.
 * Where neither can be it is not known, and whoever needs it says so.
 */
struct passphrase_source input_passphrase_source(const struct cli_args *);

/* The bytes of a secret as a text. */
struct text	 input_text(const struct secret *);

#endif
