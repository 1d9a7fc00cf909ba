/*
 * Checking a configuration, and printing the result: used by the verb `check`,
 * and by `init` for the one that it made.
 */
#ifndef CLI_CHECK_H
#define CLI_CHECK_H

#include "cli/opening.h"
#include "cli/say.h"
#include "cli/verb.h"

struct checking {
	const char *file;
	struct conf_opening opening;
	const struct verb *const *verbs;	/* for hints in messages */
	bool probe, json;
};

/* Loads it as `run` would, and prints all that was found. */
enum cli_exit	check_file(const struct checking *);

#endif
