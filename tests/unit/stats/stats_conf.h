/*
 * Configurations with nothing but what stats looks at.
 */
#ifndef TESTS_STATS_CONF_H
#define TESTS_STATS_CONF_H

#include <stddef.h>

#include "conf/conf.h"

/*
 * Keys and routes named "key7", "key8", … and "route7", "route8", … where first
 * is 7, a listener "local" and an upstream "cloud".  The value of a key is its
 * name.  Free with stats_conf_free().
 */
struct conf	*stats_conf(uint32_t workers, size_t keys, size_t routes,
		    unsigned first);
void		 stats_conf_free(struct conf *);

#endif
