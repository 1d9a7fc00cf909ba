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
	struct identities *passphrases;	/* no identity, only those */
	const char *asked_for;		/* the file that needs one */
	struct identities *identities;	/* NULL: none could be read */
	const char *identity_file;	/* they are of; NULL: of none yet */
	bool missed;			/* it was said that there is none */
	bool part_sealed;		/* one of the parts is, so that an
					   identity has been used already */
	char *directory;		/* of the main file */
};

#endif
