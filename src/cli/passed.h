/*
 * What `check` and `explain` say of the fields that routes let pass.
 */
#ifndef CLI_PASSED_H
#define CLI_PASSED_H

#include "base/json.h"
#include "conf/conf.h"

/* To standard output, "Cookie, X-Found-Cluster", or nothing. */
void	passed_print(const struct conf_passed *);

/* A list of them. */
void	passed_write(const struct conf_passed *, struct json *,
	    const char *key);

#endif
