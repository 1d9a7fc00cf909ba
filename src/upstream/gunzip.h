/*
 * The beginning of what was compressed by gzip (RFC 1952), for a reader that
 * needs little of it.  Total: any bytes are read without harm, and no more is
 * made of them than there is room for.  Knows nothing of messages.  Called by
 * refusal.
 */
#ifndef UPSTREAM_GUNZIP_H
#define UPSTREAM_GUNZIP_H

#include <stddef.h>

#include "base/text.h"

/*
 * Writes at most max bytes of it to out and returns how many; what comes after
 * damage, or after the end of a text that was cut, is missing.  The memory that
 * was used meanwhile is wiped.
 */
size_t	gunzip(struct text, char *out, size_t max);

#endif
