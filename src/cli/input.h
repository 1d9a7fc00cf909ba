/*
 * Secrets that a verb is given: from a file, from standard input, or typed.
 * Their bytes are in memory for secrets and nowhere else.
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

/* The option of verbs that need a passphrase without asking for it. */
#define CLI_PASSPHRASE_OPTION \
	{ .name = "passphrase-file", .argument = "FILE", \
	    .reads = true, \
	    .help = "Reads the passphrase from here; - is standard input." }

/* No secret that is given this way is longer. */
#define INPUT_MAX	((size_t)1 << 20)

/*
 * A text, all bytes of a file; "-" is standard input.  NULL after printing why
 * not; UTF-16 is refused.  what names it in messages, "the passphrase".  If
 * standard input is a terminal, or nothing comes for a while, a message tells
 * the user what is being waited for.
 */
struct secret	*input_read(const char *file, enum file_role,
		    const char *what, size_t max);

/* The same for any file, also in UTF-16; "-" is a name like others. */
struct secret	*input_read_file(const char *file, enum file_kind,
		    enum file_role, const char *what, size_t max);

/*
 * A value: from the file if one is given, else from standard input if that is
 * not a terminal, else typed.  A file or standard input is read to its end.
 * NULL after printing why not.
 */
struct secret	*input_value(const char *file, const char *what,
		    const char *question);

/* Asks for a line without echo, as terminal_ask_secret() does. */
struct secret	*input_ask(const char *question);

/* Whether it would be asked for on a terminal. */
bool		 input_is_asked(const char *file);

/*
 * A passphrase: from the file if one is given, else typed; twice if it is new.
 * Never from standard input by default, which may hold data.
 */
struct secret	*input_passphrase(const char *file, bool is_new,
		    const char *question);

/*
 * Passphrases of sealed files, by the options of a verb.  That of
 * --passphrase-file is returned once: the caller keeps it for further files.
 */
struct input_passphrases {
	const char *file;	/* of the option; NULL: ask on the terminal */
	bool given;		/* was returned already */
};

/*
 * The passphrase of this file, the caller's.  NULL if there is none, which the
 * caller reports; an error in reading the other file was printed already.
 * Leaves a progress line: call progress_end() after it was tried.
 */
struct secret	*input_passphrase_of(struct input_passphrases *,
		    const char *file);

#endif
