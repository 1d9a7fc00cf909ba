/*
 * `check --probe`: every upstream is connected to and every key tried.
 */
#ifndef CLI_PROBE_H
#define CLI_PROBE_H

#include <stdbool.h>

#include "base/json.h"
#include "conf/conf.h"

/*
 * One line per upstream and key to stdout, faults as "FILE:LINE: text" to
 * stderr; or, where there is a document (else NULL), "probe": upstream, key,
 * ok, status, expires, fault and text of each.  True when all keys were
 * accepted.
 */
bool	cli_probe(const struct conf *, struct json *);

#endif
