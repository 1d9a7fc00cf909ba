/*
 * The daemon's /status, a JSON document, as text for people.
 */
#ifndef CLI_STATUS_PAGE_H
#define CLI_STATUS_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json_read.h"

/* Whether it lists anything that needs attention. */
bool	status_page_needs_attention(const struct json_value *);

/*
 * Appends it in lines of at most width columns, where words and names allow
 * that; TABLE_UNBOUND: as long as they are.  What the document does not have is
 * left out.  Whatever it holds, a terminal may show the result.  now is in
 * seconds since 1970.
 */
void	status_page_format(const struct json_value *, size_t width, int64_t now,
	    struct buf *out);

#endif
