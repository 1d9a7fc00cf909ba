/*
 * The value of X-Elastic-Api-Key-Expiration.  Its form is documented nowhere,
 * so every sensible form is read and nothing is guessed.
 */
#ifndef UPSTREAM_EXPIRY_H
#define UPSTREAM_EXPIRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "http/fields.h"

/*
 * RFC 3339 with or without fraction and offset (also "+00" alone and the basic
 * form of ISO 8601, "20270223T000000Z"), HTTP-date (RFC 9110 section
 * 5.6.7, all three forms), "YYYY-MM-DD HH:MM:SS UTC", a date alone (its end:
 * 23:59:59 UTC would be generous, so its beginning), epoch seconds or
 * milliseconds.  A time without zone is UTC.
 */
bool	expiry_parse(struct text, int64_t *seconds);

/* A word for none: "null", "none", "never", "n/a", "-", or nothing at all. */
bool	expiry_is_none(struct text);

enum expiry_result {
	EXPIRY_ABSENT,		/* no such field, or none told: no error */
	EXPIRY_READ,
	EXPIRY_UNREADABLE,	/* raw holds it */
	EXPIRY_AMBIGUOUS,	/* two that differ; raw is "ambiguous" */
};

/* What a response's fields say; raw is borrowed from them, or empty. */
enum expiry_result expiry_of(const struct fields *, int64_t *seconds,
	    struct text *raw);

#endif
