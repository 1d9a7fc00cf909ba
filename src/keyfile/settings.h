/*
 * The parts of a configuration that verbs need who do not load it: the
 * identity, the sealed files, which of its own files hold keys, and where its
 * daemon can be asked.  It may have errors, or be incomplete.
 */
#ifndef KEYFILE_SETTINGS_H
#define KEYFILE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"
#include "conf/parts.h"
#include "conf/source.h"

/* An address of option 'admin', as it was written. */
struct settings_admin {
	char *address;
	char *host;		/* the first of its hosts; NULL: none given */
};

struct settings {
	char *identity;		/* a path; NULL: not set */
	char *user, *group;	/* those that root becomes; NULL: not set */
	char **sealed;		/* patterns */
	size_t n_sealed;
	struct settings_admin *admin;
	size_t n_admin;
	struct parts parts;
	struct conf_diagnostics diagnostics;	/* why some of it is not
						   known */
};

/*
 * Opens sealed parts.  open() may look at the settings that were read before;
 * it returns NULL, or a reason, which is freed by the caller, and its line.
 */
struct settings_opener {
	char *(*open)(void *ctx, struct source *, unsigned *line);
	void *ctx;
};

/*
 * Reads them into a struct of zeros.  Errors are in the diagnostics; the rest
 * is filled in nevertheless.  Relative paths are taken from the main file's
 * folder.
 */
void	settings_read(struct settings *, const char *file,
	    struct settings_opener);
void	settings_free(struct settings *);

#endif
