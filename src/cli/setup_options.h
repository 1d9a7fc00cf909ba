/*
 * The options of `init` for the contents of a first set-up.
 */
#ifndef CLI_SETUP_OPTIONS_H
#define CLI_SETUP_OPTIONS_H

#include <stdbool.h>

#include "cli/args.h"
#include "cli/setup.h"

#define SETUP_URL	"https://api.elastic-cloud.com"
#define SETUP_LISTEN	"127.0.0.1:9080"

/*
 * Takes the options, with their defaults.  False after printing what is wrong
 * with one: anything that `run` would refuse, such as an address in use, before
 * the user types a key for nothing.
 */
bool	setup_take_options(struct setup *, const struct cli_args *);

#endif
