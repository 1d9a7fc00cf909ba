/*
 * A configuration while it is loaded: what the steps of loading share.
 */
#ifndef CONF_LOADER_H
#define CONF_LOADER_H

#include <stdbool.h>

#include "conf/draft.h"
#include "conf/memory.h"
#include "conf/reader.h"
#include "seal/identity.h"

struct loader {
	struct reader reader;
	struct draft draft;
	struct conf_memory *memory, *scratch;
	struct tree *presets;
	const struct conf_opening *opening;
	struct identities *passphrases;	/* passphrases only, no identity */
	const char *asked_for;		/* the file that needs one */
	struct identities *identities;	/* NULL: none could be read */
	const char *identity_file;	/* the file of the identities; NULL:
					   none yet */
	bool missed;			/* the lack of an identity was
					   reported */
	bool part_sealed;		/* a part is sealed, so an identity has
					   been used already */
	bool identity_waits;		/* it is not read before a file needs
					   it */
	char *directory;		/* of the main file */
};

/* A draft with nothing in it but the defaults. */
void	loader_begin(struct loader *, const char *file,
	    const struct conf_opening *, struct conf_diagnostics *);

/* Frees everything that the result did not take over. */
void	loader_end(struct loader *, bool taken);

#endif
