/*
 * What opens sealed files, as the options of a verb say: the identities of
 * -i; without it those that the configuration names, or systemd passed; and
 * a passphrase, asked for once a file turns out to need one.
 */
#ifndef CLI_UNLOCK_H
#define CLI_UNLOCK_H

#include <stdbool.h>

#include "base/secret.h"
#include "base/status.h"
#include "cli/args.h"
#include "cli/input.h"
#include "cli/verbs.h"
#include "seal/identity.h"

#define CLI_UNLOCK_OPTIONS \
	{ .name = "identity", .letter = 'i', .argument = "FILE", \
	    .many = true, \
	    .help = "Opens with this identity (default: that of the " \
	    "configuration)." }, \
	CLI_CONFIG_OPTION, \
	CLI_PASSPHRASE_OPTION

struct unlock {
	struct identities *identities;
	char *from;		/* where they come from, for messages */
	char *why_not;		/* why those of the configuration are missing */
	const char *passphrase_file;
	const char *opening;	/* the file a passphrase is asked for */
	struct secret *passphrase;	/* a copy of what was given */
};

/*
 * Finds the identities.  That there are none is no failure yet: a passphrase
 * may do.  False after it said what is wrong with one that was asked for.
 */
bool	unlock_init(struct unlock *, const struct cli_args *);
void	unlock_free(struct unlock *);

/* Adds an identity file; false after it said what is wrong with it. */
bool	unlock_add_file(struct unlock *, const char *file);

/* Says why a file could not be opened; line 0: at none of its lines. */
void	unlock_explain(const struct unlock *, const char *file, unsigned line,
	    enum status);

/* The texts of a configuration that are needed without loading it. */
struct unlock_conf {
	char *identity;		/* a path; NULL: none is named */
	char **sealed;		/* patterns */
	size_t n_sealed;
	size_t n_parts;		/* files it included */
};

/*
 * Reads the configuration of -c.  False where it cannot be read; *why, to be
 * freed, then says so.  unlock_conf_free() in either case.
 */
bool	unlock_conf_read(struct unlock_conf *, const struct cli_args *,
	    char **why);
void	unlock_conf_free(struct unlock_conf *);

/*
 * The configuration that verbs look at: that of -c, else the system's, else
 * the user's own.  To be freed.
 */
char	*unlock_conf_file(const struct cli_args *);

/* ${XDG_CONFIG_HOME:-~/.config}/sallyport, to be freed; NULL: no home. */
char	*unlock_user_folder(void);

#endif
