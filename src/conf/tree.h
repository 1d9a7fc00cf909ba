/*
 * A text as libconfig's tree of settings.
 */
#ifndef CONF_TREE_H
#define CONF_TREE_H

#include <libconfig.h>
#include <stdbool.h>

#include "conf/conf.h"
#include "conf/scan.h"

/* The version of libconfig, as of the time of building. */
const char	*tree_library(void);

/* Where a text comes from and what may be done with it. */
struct tree_source {
	const char *file;	/* its name in messages */
	const char *directory;	/* what @include is relative to */
	bool sealed;		/* its content must not stay in memory */
	bool one_of_many;	/* secret_scrub_heap(), which takes longer the
				   more there was, is left to the caller */
	struct scan_includes *includes;	/* gets what it includes outside of
					   all brackets, which is then not in
					   the tree; NULL: libconfig includes
					   it, or none where it is sealed */
};

/*
 * Reads n bytes and the NUL behind them, which it may change.  False when
 * they could not be read; the faults say why.  tree_free() in either case.
 */
bool	tree_read(config_t *, char *, size_t n, const struct tree_source *,
	    struct conf_faults *);

/*
 * The path of a file that libconfig included from that directory, by the name
 * that libconfig has for it; to be freed.
 */
char	*tree_included(const char *directory, const char *name);

/*
 * Overwrites every value before it frees it; where the source was sealed,
 * what its parser freed, too.
 */
void	tree_free(config_t *, const struct tree_source *);

#endif
