/*
 * Whether a configuration can be run, said: what the verb `check` does, and
 * `init` with what it made.
 */
#ifndef CLI_CHECK_H
#define CLI_CHECK_H

#include "cli/opening.h"
#include "cli/say.h"
#include "cli/verb.h"

struct checking {
	const char *file;
	struct conf_opening opening;
	const struct verb *const *verbs;	/* what others may have typed */
	bool probe, json;
};

/* Loads it as `run` would, and says all that was found. */
enum cli_exit	check_file(const struct checking *);

#endif
