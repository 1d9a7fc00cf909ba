/*
 * Secrets that a verb is given: from a file, from standard input, or asked
 * for.  The bytes land in memory for secrets and nowhere else.
 */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/file.h"
#include "base/secret.h"
#include "base/text.h"
#include "cli/args.h"

/* Of the verbs that need a passphrase where no terminal is to be asked. */
#define CLI_PASSPHRASE_OPTION \
	{ .name = "passphrase-file", .argument = "FILE", \
	    .reads = true, \
	    .help = "Reads the passphrase from here; - is standard input." }

/* More than any secret that is given this way has. */
#define INPUT_MAX	((size_t)1 << 20)

/*
 * A text, all bytes of a file; "-" is standard input.  NULL after it said why
 * not; it is not in UTF-16.  what names it in messages, "the passphrase".
 * Where standard input is a terminal, or nothing comes for a while, it says
 * that it waits there.
 */
struct secret	*input_read(const char *file, enum file_role,
		    const char *what, size_t max);

/* The same of any file, UTF-16 included; "-" is a name like others. */
struct secret	*input_read_file(const char *file, enum file_kind,
		    enum file_role, const char *what, size_t max);

/*
 * A value: from the file if there is one, else from standard input where
 * that is no terminal, else asked for.  Of a file or standard input all that
 * there is.  NULL after it said why not.
 */
struct secret	*input_value(const char *file, const char *what,
		    const char *question);

/* Asks for a line without echo, as terminal_ask_secret() does. */
struct secret	*input_ask(const char *question);

/* It would be asked for on a terminal. */
bool		 input_is_asked(const char *file);

/*
 * A passphrase: from the file if there is one, else asked for; twice where
 * it is a new one.  Never from standard input unasked: that may be data.
 */
struct secret	*input_passphrase(const char *file, bool is_new,
		    const char *question);

/*
 * Passphrases of sealed files, as the options of a verb say.  The one of
 * --passphrase-file is given out once: whoever opens several files with it
 * keeps it.
 */
struct input_passphrases {
	const char *file;	/* that option; NULL: ask on the terminal */
	bool given;		/* out already */
};

/*
 * The passphrase of this file, the caller's.  NULL where there is none, which
 * the caller says; that the other file could not be read is said already.
 * Leaves a progress line: progress_end() when it was tried.
 */
struct secret	*input_passphrase_of(struct input_passphrases *,
		    const char *file);

#endif
