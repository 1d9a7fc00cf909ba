/*
 * One setting to the value of one option.
 */
#ifndef CONF_SET_H
#define CONF_SET_H

#include <stdbool.h>

#include "conf/options.h"
#include "conf/reader.h"

/*
 * Reads a setting into the member at, whose type is that of the option.  False
 * after an error.  Groups and lists of groups are read by parse.c.
 */
bool	set_value(struct reader *, const struct option_info *,
	    const struct setting *, void *at);

#endif
