/*
 * A record as one line of the access log, in Elastic Common Schema or as text
 * for people.
 */
#ifndef CLIENT_ACCESS_LOG_H
#define CLIENT_ACCESS_LOG_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/log.h"
#include "stats/record.h"

/*
 * url.path ends before "?".  with_query: the rest becomes url.query, otherwise
 * it is left out.  Whatever the record holds, the result is one line, which a
 * terminal may show.
 */
void	access_log_format(const struct record *, enum log_format,
	    bool with_query, struct buf *out);

#endif
