/*
 * The main file and what it includes: its parts, each plain or sealed.
 */
#ifndef CONF_PARTS_H
#define CONF_PARTS_H

#include <stdbool.h>

#include "conf/loader.h"

/*
 * Reads all of them into the draft.  False after a fault that leaves the
 * rest without meaning: one of them could not be read.
 */
bool	parts_load(struct loader *, const char *file);

#endif
