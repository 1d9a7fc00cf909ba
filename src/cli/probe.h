/*
 * `check --probe`: connects to every upstream and tries every key.
 */
#ifndef CLI_PROBE_H
#define CLI_PROBE_H

#include <stdbool.h>

#include "base/json.h"
#include "conf/conf.h"

/*
 * Prints one line per upstream and key to stdout, faults as "FILE:LINE: text"
 * to stderr; or, with a document, adds "probe": upstream, key, ok, status,
 * expires, fault and text of each.  True if all keys were accepted.
 */
bool	cli_probe(const struct conf *, struct json *);

#endif
