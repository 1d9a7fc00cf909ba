/*
 * The main file and what it includes: its parts, each plain or sealed.
 */
#ifndef CONF_PARTS_H
#define CONF_PARTS_H

#include <stdbool.h>

#include "conf/loader.h"

/* There is no such main file; and what to do then. */
bool	parts_main_is_missing(const char *file);
#define PARTS_MISSING \
	"name the configuration with -c, or make one with 'sallyport init'"

/*
 * Reads all of them into the draft.  False after a fault that leaves the
 * rest without meaning: one of them could not be read.
 */
bool	parts_load(struct loader *, const char *file);

#endif
