/*
 * The names of listeners, upstreams, routes, keys and clients.
 */
#ifndef CONF_NAMES_H
#define CONF_NAMES_H

#include "conf/draft.h"
#include "conf/reader.h"

/*
 * Gives names to what may go without one, and finds those used twice.  A
 * list with a name that could not be read is marked incomplete.
 */
void	names_check(struct reader *, struct draft *);

/* Ends what names_check() began; nothing can be resolved any more. */
void	names_end(struct draft *);

/*
 * The index of what a name refers to, between those two.  CONF_NONE when
 * there is no such thing: after an error, or without one where the list is
 * incomplete.
 */
size_t	names_resolve(struct reader *, const struct list *, enum group_id,
	    const struct word *name);

#endif
