/*
 * Output of verbs for programs: with --json, one document on standard output,
 * in one line, also after errors.
 */
#ifndef CLI_DOCUMENT_H
#define CLI_DOCUMENT_H

#include <stdint.h>

#include "base/buf.h"
#include "base/json.h"
#include "conf/conf.h"

#define CLI_JSON_OPTION \
	{ .name = "json", .help = "Prints one JSON document instead." }

struct document {
	struct buf buf;
	struct json json;	/* to be written to */
};

void	document_begin(struct document *);

/* Prints it. */
void	document_end(struct document *);

/*
 * Adds "diagnostics": severity ("error", "warning"), file, line (null: the
 * whole file) and text of each.
 */
void	document_diagnostics(struct json *, const struct conf_diagnostics *);

/* RFC 3339 in UTC; null where it is CONF_NO_TIME. */
void	document_time(struct json *, const char *key, int64_t seconds);

void	document_texts(struct json *, const char *key,
	    const struct conf_texts *);

#endif
