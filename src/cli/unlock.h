/*
 * What opens sealed files, as the options of a verb say: the identities of
 * -i; without it those that the configuration names, or systemd passed; and
 * a passphrase.  The latter two are looked and asked for once a file turns
 * out to need them.
 */
#ifndef CLI_UNLOCK_H
#define CLI_UNLOCK_H

#include <stdbool.h>

#include "base/secret.h"
#include "base/status.h"
#include "cli/args.h"
#include "cli/config_file.h"
#include "cli/input.h"
#include "cli/settings.h"
#include "cli/say.h"
#include "seal/identity.h"

#define CLI_UNLOCK_OPTIONS \
	{ .name = "identity", .letter = 'i', .argument = "FILE", \
	    .many = true, .reads = true, \
	    .help = "Opens with this identity (default: that of the " \
	    "configuration); - is standard input." }, \
	CLI_CONFIG_OPTION, \
	CLI_PASSPHRASE_OPTION

struct unlock {
	const struct cli_args *args;	/* NULL: no option says anything */
	struct identities *identities;
	char *from;		/* where they come from, for messages */
	char *why_not;		/* why those of the configuration are missing */
	struct input_passphrases passphrases;
	const char *opening;	/* the file a passphrase is asked for */
	bool given;		/* by -i: no others are looked for */
	bool looked;		/* into the configuration */
	char *named;		/* the identity file that was added last */
	struct settings settings;	/* see unlock_settings() */
};

/*
 * Takes the identities that were given.  Others are looked for once a file
 * needs one.  False after it said what is wrong with one that was given.
 */
bool	unlock_init(struct unlock *, const struct cli_args *);
void	unlock_free(struct unlock *);

/* Adds an identity file; false after it said what is wrong with it. */
bool	unlock_add_file(struct unlock *, const char *file);

/*
 * Looks for identities now, if there are none: there is no file yet that
 * would need one.
 */
void	unlock_look(struct unlock *);

/* Says why a file could not be opened. */
void	unlock_explain(const struct unlock *, const char *file,
	    const struct seal_fault *, enum status);

/* What the configuration of -c says; its sealed parts are opened for that. */
const struct settings *unlock_settings(struct unlock *);

/*
 * Where the keys are that this file only includes, if it is a main file that
 * does so: the path of the first that has any, to be freed, or NULL.
 */
char	*unlock_find_keys(struct unlock *, const char *file);

#endif
