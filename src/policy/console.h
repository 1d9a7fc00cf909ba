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
 * The method, in upper case, and the path, with its own query and with a slash
 * at its start, which the query of a call names; both in the arena.  They may
 * hold any bytes.  False where one of them is missing, empty or there twice.
 */
bool	console_read(struct text query, struct arena *, struct text *method,
	    struct text *path);

#endif
