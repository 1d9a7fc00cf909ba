/*
 * What the verbs for keys need to know of a configuration: the identity, the
 * sealed files, and which of its own files hold keys.  Read without loading
 * all of it, so that one with errors, or half of one, will do.
 */
#ifndef KEYFILE_SETTINGS_H
#define KEYFILE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"
#include "conf/parts.h"
#include "conf/source.h"

struct settings {
	char *identity;		/* a path; NULL: none is named */
	char *user, *group;	/* whom root becomes; NULL: not said */
	char **sealed;		/* patterns */
	size_t n_sealed;
	struct parts parts;
	struct conf_diagnostics diagnostics;	/* why one of them is not
						   known */
};

/*
 * Whoever opens sealed parts.  open() may look at what was read so far; NULL,
 * or a reason of the caller's, to be freed, and where it is.
 */
struct settings_opener {
	char *(*open)(void *ctx, struct source *, unsigned *line);
	void *ctx;
};

/*
 * Reads them into what is all zero.  What could not be read is in the
 * diagnostics; the rest is there.  Relative paths become those beside the main
 * file.
 */
void	settings_read(struct settings *, const char *file,
	    struct settings_opener);
void	settings_free(struct settings *);

#endif
