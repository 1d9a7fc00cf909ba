/*
 * The verb `version`, the same as --version.
 */
#include <stdio.h>

#include "cli/verbs.h"
#include "config.h"

static enum cli_exit
run_version(const struct cli_args *args)
{
	(void)args;
	(void)puts(PACKAGE_STRING);
	return CLI_DONE;
}

static const struct cli_option version_options[] = { { .name = NULL } };

const struct verb verb_version = {
	.name = "version",
	.summary = "says which version this is",
	.options = version_options,
	.about = "Prints the name of the program and its version.\n",
	.example = "sallyport version\n",
	.run = run_version,
};
