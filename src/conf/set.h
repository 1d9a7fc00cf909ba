/*
 * One setting to the value of one option.
 */
#ifndef CONF_SET_H
#define CONF_SET_H

#include <libconfig.h>
#include <stdbool.h>

#include "conf/options.h"
#include "conf/reader.h"

/*
 * Reads a setting into the member at, whose type is that of the option.
 * False after a fault.  Groups and lists of groups are not its business.
 */
bool	set_value(struct reader *, const struct option_info *,
	    const config_setting_t *, void *at);

/*
 * A Unix user or group by name or number; false: there is none.  gid, the
 * user's first group, may be NULL; where a number has none it stays.
 */
bool	set_find_user(const char *, uint32_t *uid, uint32_t *gid);
bool	set_find_group(const char *, uint32_t *gid);

#endif
