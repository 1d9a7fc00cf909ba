/*
 * Access to sealed files, as the options of a verb say: what opens them, and
 * passphrases; and saying what their modules, which print nothing, found.
 */
#ifndef CLI_ACCESS_H
#define CLI_ACCESS_H

#include <stdbool.h>

#include "base/reasons.h"
#include "cli/args.h"
#include "cli/config_file.h"
#include "cli/input.h"
#include "keyfile/unlock.h"
#include "keyfile/vault.h"

#define CLI_UNLOCK_OPTIONS \
	{ .name = "identity", .letter = 'i', .argument = "FILE", \
	    .many = true, .reads = true, \
	    .help = "Opens with this identity (default: that of the " \
	    "configuration); - is standard input." }, \
	CLI_CONFIG_OPTION, \
	CLI_PASSPHRASE_OPTION

struct access {
	struct unlock unlock;
	struct reasons why;	/* not said yet */
	struct input_passphrases passphrases;
	char *conf;
};

/*
 * Takes the identities that were given.  Others are looked for once a file
 * needs one.  False after it said what is wrong with one that was given; there
 * is nothing to end then.
 */
bool	access_begin(struct access *, const struct cli_args *);
void	access_end(struct access *);

/* Says what was found while something was done, and gives back how it went. */
bool	access_said(struct access *, bool good);

/* vault_save(); signals wait until all is said. */
bool	access_save(struct access *, struct vault *, struct text body);

/* vault_read_keys(), and says the diagnostics. */
bool	access_read_keys(struct access *, const struct vault *,
	    struct text body, struct keyfile *);

#endif
