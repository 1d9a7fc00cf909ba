/*
 * Output of `check` and `explain` about fields that routes let pass.
 */
#ifndef CLI_PASSED_H
#define CLI_PASSED_H

#include "base/json.h"
#include "conf/conf.h"

/* Prints "Cookie, X-Found-Cluster", or nothing, to standard output. */
void	passed_print(const struct conf_passed *);

/* Adds them as a list. */
void	passed_write(const struct conf_passed *, struct json *,
	    const char *key);

#endif
