/*
 * The request within a request that Kibana's console proxy takes from its
 * query, read as Kibana reads it.
 */
#ifndef POLICY_CONSOLE_H
#define POLICY_CONSOLE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/text.h"

/*
 * Reads from the query of a call the method, in upper case, and the path, with
 * its own query and a slash at its start; both in the arena.  They may hold any
 * bytes.  False where one of them is missing, empty or repeated.
 */
bool	console_read(struct text query, struct arena *, struct text *method,
	    struct text *path);

#endif
