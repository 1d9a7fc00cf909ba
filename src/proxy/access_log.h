/*
 * A record as one line of the access log, in Elastic Common Schema.
 */
#ifndef PROXY_ACCESS_LOG_H
#define PROXY_ACCESS_LOG_H

#include <stdbool.h>

#include "base/buf.h"
#include "proxy/record.h"

/*
 * with_query: url.path keeps the query, which is url.query, too; otherwise it
 * ends before "?".
 */
void	access_log_format(const struct record *, bool with_query,
	    struct buf *out);

#endif
