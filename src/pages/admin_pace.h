/*
 * What was counted within about the last minute: requests of each route, and
 * faults.  The process looks at the counters every few seconds and keeps what
 * it saw for as long.
 */
#ifndef PAGES_ADMIN_PACE_H
#define PAGES_ADMIN_PACE_H

#include <stddef.h>
#include <stdint.h>

#include "net/loop.h"
#include "policy/fault.h"
#include "stats/memory.h"
#include "stats/numbers.h"

struct admin_pace;

/* The numbers of routes are borrowed; it looks at once. */
struct admin_pace	*admin_pace_new(struct loop *,
			    const struct stats_memory *,
			    const struct stats_numbers *);
void			 admin_pace_free(struct admin_pace *);

/* Looks again; a timer of its own does so, too. */
void			 admin_pace_look(struct admin_pace *);

/*
 * How much was added to the count of a route, by its index, or of a fault,
 * since what was seen a minute ago, or first.
 */
uint64_t		 admin_pace_route(const struct admin_pace *,
			    size_t route, uint64_t count);
uint64_t		 admin_pace_fault(const struct admin_pace *,
			    enum fault, uint64_t count);

#endif
