/*
 * How verbs that load a whole configuration open its sealed parts.
 */
#ifndef CLI_OPENING_H
#define CLI_OPENING_H

#include "cli/args.h"
#include "cli/config_file.h"
#include "cli/input.h"
#include "cli/say.h"
#include "conf/conf.h"

#define CLI_OPENING_OPTIONS \
	CLI_CONFIG_OPTION, \
	{ .name = "identity", .letter = 'i', .argument = "FILE", \
	    .reads = true, \
	    .help = "Opens a configuration that is itself sealed, and " \
	    "whatever it names no identity for." }, \
	CLI_PASSPHRASE_OPTION

/*
 * The opening by those options.  Valid as long as the arguments are; the
 * passphrases, of which the functions keep no copy, belong to one verb.
 */
struct conf_opening cli_opening(const struct cli_args *,
	    struct input_passphrases *);

#endif
