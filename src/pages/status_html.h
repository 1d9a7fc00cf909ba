/*
 * The document of /status as a page for people.  Pure: the document in, HTML
 * out; so the page tells nothing that /status does not, and what its texts hold
 * is never markup.
 */
#ifndef PAGES_STATUS_HTML_H
#define PAGES_STATUS_HTML_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json_read.h"
#include "base/text.h"

struct status_html {
	const struct json_value *doc;
	int64_t now;			/* seconds since 1970 */
	bool only_bad;			/* nothing that is well */
	bool still;			/* it is not loaded anew without script
					   either */
	struct text style, script;	/* its own, as they are */
};

void	status_html(const struct status_html *, struct buf *out);

#endif
