/*
 * The checks of a draft as a whole: names, references, options that do not go
 * together.  Completes it on the way: defaults that depend on other options,
 * indices in place of names.
 */
#ifndef CONF_CHECK_H
#define CONF_CHECK_H

#include "conf/draft.h"
#include "conf/reader.h"

void	check_draft(struct reader *, struct draft *);

/*
 * Admin listeners, part of the above: gives those without hosts their own.
 * What was written of them stands where that of a listener does from then on,
 * so that the checks of listeners are theirs, too.  Comes first.
 */
void	check_admin(struct reader *, const struct draft *);

/* Listeners as they are written, part of the above; admin ones as well. */
void	check_listeners(struct reader *, const struct draft *);

/*
 * Warns of listeners that others can reach without TLS.  There must have been
 * no error.
 */
void	check_exposure(struct reader *, const struct draft *);

/*
 * Proxies of upstreams and their keys, part of the above.  Names must have been
 * checked.
 */
void	check_proxies(struct reader *, const struct draft *);

/*
 * References of routes and their conditions, part of the above.  Names must
 * have been checked.
 */
void	check_routes(struct reader *, const struct draft *);

/*
 * Routes that can never match because of earlier ones, part of the above.
 * References must have been resolved.
 */
void	check_cover(struct reader *, const struct draft *);

/*
 * The result, in the reader's memory.  There must have been no error.  The
 * keys' values and those of certificates go over to it.
 */
struct conf	*draft_finish(struct reader *, struct draft *);

#endif
