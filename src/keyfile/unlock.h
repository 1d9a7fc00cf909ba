/*
 * What opens sealed files: identities that were given; without those the ones
 * that the configuration names, or systemd passed; and a passphrase.  The
 * latter two are looked and asked for once a file turns out to need them.
 */
#ifndef KEYFILE_UNLOCK_H
#define KEYFILE_UNLOCK_H

#include <stdbool.h>

#include "base/reasons.h"
#include "base/secret.h"
#include "base/status.h"
#include "keyfile/settings.h"
#include "seal/identity.h"

struct unlock_asker {
	/* The passphrase of this file, the caller's; or NULL. */
	struct secret *(*ask)(void *ctx, const char *file);
	void *ctx;
	bool from_file;		/* nobody types it, on no terminal */
};

/* All borrowed. */
struct unlock_options {
	const char *conf;	/* the configuration; NULL: nothing is looked
				   for */
	struct unlock_asker asker;	/* .ask NULL: there is nobody to ask */
	struct reasons *why;	/* where all goes that is to be said */
};

struct unlock {
	struct unlock_options options;
	struct identities *identities;
	char *from;		/* where they come from, for messages */
	char *why_not;		/* why those of the configuration are missing */
	const char *opening;	/* the file a passphrase is asked for */
	bool given;		/* no others are looked for */
	bool looked;		/* into the configuration */
	char *named;		/* the identity file that was added last */
	struct settings settings;	/* see unlock_settings() */
};

/*
 * Without an identity.  Those of the configuration are looked for once a file
 * needs one, unless one was given.
 */
void	unlock_init(struct unlock *, const struct unlock_options *);
void	unlock_free(struct unlock *);

/* Adds one that was given; "-" is standard input.  False, and why. */
bool	unlock_add_given(struct unlock *, const char *file);

/* Adds an identity file; false, and why. */
bool	unlock_add_file(struct unlock *, const char *file);

/*
 * Looks for identities now, if there are none: there is no file yet that
 * would need one.
 */
void	unlock_look(struct unlock *);

/* Adds why a file could not be opened. */
void	unlock_explain(const struct unlock *, const char *file,
	    const struct seal_fault *, enum status);

/* What the configuration says; its sealed parts are opened for that. */
const struct settings *unlock_settings(struct unlock *);

/*
 * Where the keys are that this file only includes, if it is a main file that
 * does so: the path of the first that has any, to be freed, or NULL.
 */
char	*unlock_find_keys(struct unlock *, const char *file);

#endif
