/*
 * The verb `run`.
 */
#include <stdlib.h>

#include "cli/opening.h"
#include "cli/verb.h"
#include "daemon/parent.h"

static enum cli_exit
run_run(const struct cli_args *args)
{
	struct input_passphrases passphrases;
	const struct conf_opening opening = cli_opening(args, &passphrases);

	char *file = config_file_find(args);
	int status = parent_run(file, &opening);

	free(file);
	return (enum cli_exit)status;
}

static const struct cli_option options[] = {
	CLI_OPENING_OPTIONS,
	{ .name = NULL },
};

const struct verb verb_run = {
	.name = "run",
	.summary = "serves clients, in the foreground",
	.options = options,
	.about =
	    "Loads the configuration and its sealed files, listens, and "
	    "forwards\nrequests with the key of their route until SIGTERM or "
	    "SIGINT.  Prints\n'listening on ADDRESS' per listener, then "
	    "'ready', to standard error.\n\n"
	    "The configuration and what it includes may be sealed "
	    "themselves: with a\npassphrase, or to an identity, which -i "
	    "names.  Passphrases, of a protected\nidentity too, are asked for "
	    "on the terminal at the start or come from\n--passphrase-file."
	    "\n\n"
	    "SIGTERM and SIGINT finish what runs (30 seconds at most), a "
	    "second one\nends at once.  SIGHUP loads the configuration anew: "
	    "new workers take over\nand no client is refused, or nothing "
	    "changes and the log says why.\nSIGUSR1 reopens the access "
	    "log.\n",
	.example = "sallyport run -c /etc/sallyport/sallyport.conf\n",
	.run = run_run,
};
