/*
 * The options of `init` that say what is in a first set-up.
 */
#ifndef CLI_SETUP_OPTIONS_H
#define CLI_SETUP_OPTIONS_H

#include <stdbool.h>

#include "cli/args.h"
#include "cli/setup.h"

#define SETUP_URL	"https://api.elastic-cloud.com"
#define SETUP_LISTEN	"127.0.0.1:9080"

/*
 * Takes them over, with these defaults.  False after it said what is wrong
 * with one: what `run` would refuse, such as an address that is in use, so
 * that nobody types a key for nothing.
 */
bool	setup_take_options(struct setup *, const struct cli_args *);

#endif
