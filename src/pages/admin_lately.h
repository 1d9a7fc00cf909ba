/*
 * What happened lately, in /status.
 */
#ifndef PAGES_ADMIN_LATELY_H
#define PAGES_ADMIN_LATELY_H

#include "base/json.h"
#include "pages/admin_page.h"

/*
 * The members "faults", of each kind that there was since the start, and
 * "events", the last ones of keys, the newest first.
 */
void	admin_lately_put(struct json *, const struct admin_facts *);

#endif
