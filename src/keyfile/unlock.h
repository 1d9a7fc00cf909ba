/*
 * The means to open sealed files: identities that were given, or else those
 * that the configuration names or systemd passed; and a passphrase.  The latter
 * two are looked for, and asked for, when a file turns out to need them.
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
	/* The passphrase of this file; the caller's, or NULL. */
	struct secret *(*ask)(void *ctx, const char *file);
	void *ctx;
	bool from_file;		/* it is read, not typed on a terminal */
};

/* All borrowed. */
struct unlock_options {
	const char *conf;	/* the configuration; NULL: nothing is looked
				   for */
	struct unlock_asker asker;	/* .ask NULL: there is nobody to ask */
	struct reasons *why;	/* takes errors and warnings */
};

struct unlock {
	struct unlock_options options;
	struct identities *identities;
	char *from;		/* where they come from, for messages */
	char *why_not;		/* why those of the configuration are missing */
	const char *opening;	/* the file whose passphrase is asked for */
	bool given;		/* no others are looked for */
	bool looked;		/* the configuration was read */
	char *named;		/* the identity file that was added last */
	struct settings settings;	/* see unlock_settings() */
};

/*
 * Begins without an identity.  Those of the configuration are looked for when a
 * file needs one, unless one was given.
 */
void	unlock_init(struct unlock *, const struct unlock_options *);
void	unlock_free(struct unlock *);

/*
 * Adds an identity file that was given; "-" is standard input.  False, and why.
 */
bool	unlock_add_given(struct unlock *, const char *file);

/* Adds an identity file; false, and why. */
bool	unlock_add_file(struct unlock *, const char *file);

/* Looks for identities now, if there are none, though no file needs one yet. */
void	unlock_look(struct unlock *);

/* Adds the reason why a file could not be opened. */
void	unlock_explain(const struct unlock *, const char *file,
	    const struct seal_fault *, enum status);

/* The settings of the configuration; its sealed parts are opened for that. */
const struct settings *unlock_settings(struct unlock *);

/*
 * If this is a main file that includes its keys: the path of the first file
 * that has any, to be freed; else NULL.
 */
char	*unlock_find_keys(struct unlock *, const char *file);

#endif
