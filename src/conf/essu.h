/* Elastic Cloud's keys: their prefix, and the check sum in them. */
#ifndef CONF_ESSU_H
#define CONF_ESSU_H

#include <stdbool.h>

#include "base/text.h"

#define ESSU_PREFIX	TEXT("essu_")

/*
 * False for a key that begins with ESSU_PREFIX and whose base64 or CRC-32 is
 * wrong: it was probably mistyped or cut.  True for every other text.
 */
bool	essu_is_plausible(struct text);

/* The base64 text behind ESSU_PREFIX has the right CRC-32. */
bool	essu_sum_matches(struct text base64);

#endif
