/*
 * The number of requests by route, method and code.  They are a list in the
 * slot of the worker, in the order in which they were first seen; where each is
 * in the list, the worker alone knows, by an index in its own memory.
 */
#ifndef STATS_SERIES_H
#define STATS_SERIES_H

#include <stdint.h>

#include "base/text.h"
#include "stats/layout.h"

/* The methods that are told apart. */
enum series_method {
	SERIES_OTHER,
	SERIES_GET,
	SERIES_HEAD,
	SERIES_POST,
	SERIES_PUT,
	SERIES_PATCH,
	SERIES_DELETE,
	SERIES_OPTIONS,
	SERIES_METHODS
};

/* "GET"; "other". */
const char		*series_method_name(enum series_method);
enum series_method	 series_method_of(struct text);

/*
 * A label is a route's number, or NO_ROUTE, a method and a status up to 999, 0:
 * no answer was sent.
 */
#define SERIES_LABEL(route, method, status) \
	((uint32_t)(route) << 14 | (uint32_t)(method) << 10 | (status))
#define SERIES_ROUTE(label)	((label) >> 14)
#define SERIES_METHOD(label)	((label) >> 10 & 15)
#define SERIES_STATUS(label)	((label) & 1023)

struct series_index;

/* Of the list in a slot, which may have entries already. */
struct series_index	*series_index_new(struct stats_slot *);
void			 series_index_free(struct series_index *);

/* Counts one.  False where the list is full. */
bool			 series_count(struct series_index *, uint32_t label);

#endif
