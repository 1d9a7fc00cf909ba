/*
 * A record as one line of the access log, in Elastic Common Schema.
 */
#ifndef CLIENT_ACCESS_LOG_H
#define CLIENT_ACCESS_LOG_H

#include <stdbool.h>

#include "base/buf.h"
#include "stats/record.h"

/*
 * url.path ends before "?".  with_query: the rest becomes url.query, otherwise
 * it is left out.
 */
void	access_log_format(const struct record *, bool with_query,
	    struct buf *out);

#endif
