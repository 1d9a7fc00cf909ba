/*
 * Elastic Cloud's keys carry a check sum.
 */
#ifndef CONF_ESSU_H
#define CONF_ESSU_H

#include <stdbool.h>

#include "base/text.h"

/*
 * False for a key that begins with "essu_" and whose base64 or CRC-32 is
 * wrong: it was probably mistyped or cut.  True for every other text.
 */
bool	essu_is_plausible(struct text);

#endif
