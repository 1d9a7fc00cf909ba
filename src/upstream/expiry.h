/*
 * A key's expiry in a response: X-Elastic-Api-Key-Expiration.  The form of its
 * value is documented nowhere, so it is read leniently, as base/date.h says.
 */
#ifndef UPSTREAM_EXPIRY_H
#define UPSTREAM_EXPIRY_H

#include <stdint.h>

#include "base/text.h"
#include "http/fields.h"

enum expiry_result {
	EXPIRY_ABSENT,		/* no such field, or it says none: no error */
	EXPIRY_READ,
	EXPIRY_UNREADABLE,	/* raw holds it */
	EXPIRY_AMBIGUOUS,	/* two that differ; raw is "ambiguous" */
};

/*
 * What a response's fields say, now being the time in seconds.  raw is
 * borrowed from them, or empty.
 */
enum expiry_result expiry_of(const struct fields *, int64_t now,
	    int64_t *seconds, struct text *raw);

#endif
