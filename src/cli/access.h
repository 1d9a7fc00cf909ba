/*
 * Access to sealed files with the options of a verb: identities and passphrases
 * that open them; and printing the reasons of modules that print nothing
 * themselves.
 */
#ifndef CLI_ACCESS_H
#define CLI_ACCESS_H

#include <stdbool.h>

#include "base/reasons.h"
#include "cli/args.h"
#include "cli/config_file.h"
#include "cli/input.h"
#include "keyfile/keyfile.h"
#include "keyfile/unlock.h"

#define CLI_UNLOCK_OPTIONS \
	{ .name = "identity", .letter = 'i', .argument = "FILE", \
	    .many = true, .reads = true, \
	    .help = "Opens with this identity (default: that of the " \
	    "configuration); - is standard input." }, \
	CLI_CONFIG_OPTION, \
	CLI_PASSPHRASE_OPTION

struct access {
	struct unlock unlock;
	struct reasons why;	/* not printed yet */
	struct input_passphrases passphrases;
	char *conf;
};

/*
 * Takes the identities that were given.  Others are looked for when a file
 * needs one.  False, after printing why one that was given cannot be used; no
 * access_end() is needed then.
 */
bool	access_begin(struct access *, const struct cli_args *);
void	access_end(struct access *);

/* Prints the reasons that were collected; returns good. */
bool	access_said(struct access *, bool good);

/* keyfile_save(), with signals held back until the result was printed. */
bool	access_save(struct access *, struct keyfile *, struct text body);

/* keyfile_read_keys(), and prints the diagnostics. */
bool	access_read_keys(struct access *, const struct keyfile *,
	    struct text body, struct contents *);

#endif
