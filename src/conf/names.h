/*
 * The names of listeners, upstreams, routes, keys and clients.
 */
#ifndef CONF_NAMES_H
#define CONF_NAMES_H

#include "conf/draft.h"
#include "conf/reader.h"

/*
 * Names objects that may be written without a name, and finds duplicates.  A
 * list with a name that could not be read is marked incomplete.
 */
void	names_check(struct reader *, struct draft *);

/* Ends what names_check() began; nothing can be resolved any more. */
void	names_end(struct draft *);

/*
 * The index of the object that a name refers to; to be called between the two
 * above.  CONF_NONE where there is none: after an error, or without one where
 * the list is incomplete.
 */
size_t	names_resolve(struct reader *, const struct list *, enum group_id,
	    const struct word *name);

#endif
