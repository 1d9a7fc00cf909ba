/*
 * Output of `explain` about the limits of a route.
 */
#ifndef CLI_LIMITS_H
#define CLI_LIMITS_H

#include "base/json.h"
#include "conf/conf.h"

/* Prints a line for each limit that it has. */
void	limits_print(const struct conf_route *);

/*
 * Adds them as members, each null where there is no such limit, or no route
 * (NULL).
 */
void	limits_write(const struct conf_route *, struct json *);

#endif
