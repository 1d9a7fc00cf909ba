/*
 * The names under which metrics are shown, by what the parent handed over.
 */
#ifndef PAGES_ADMIN_NAMES_H
#define PAGES_ADMIN_NAMES_H

#include "base/arena.h"
#include "pages/admin_brief.h"
#include "stats/metrics.h"

/* Refers to the brief; arrays are in the arena. */
void	admin_names_make(struct metrics_names *, const struct admin_brief *,
	    struct arena *);

#endif
