/*
 * Elastic Cloud's keys: how they begin, and the check sum that they carry.
 */
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

/* Base64, as it stands behind ESSU_PREFIX, whose CRC-32 is right. */
bool	essu_sum_matches(struct text base64);

#endif
