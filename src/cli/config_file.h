/*
 * The path of the configuration: the same for all verbs.  It is that of -c;
 * else, except for root, the user's own if it exists; else the system's.
 */
#ifndef CLI_CONFIG_FILE_H
#define CLI_CONFIG_FILE_H

#include "cli/args.h"

#define CONFIG_FILE	"sallyport.conf"

/* Used by root, and by the system. */
#define CONFIG_FOLDER	"/etc/sallyport"

/* Used by other users; in this form for help texts. */
#define CONFIG_FOLDER_OF_USER	"$XDG_CONFIG_HOME/sallyport or, where that " \
	"is not set, ~/.config/sallyport"

/* The option of every verb that needs a configuration. */
#define CLI_CONFIG_OPTION { .name = "config", .letter = 'c', \
	.argument = "FILE", .reads = true, \
	.help = "The configuration (default: " CONFIG_FILE " in " \
	CONFIG_FOLDER_OF_USER ", unless it is root who asks; then in " \
	CONFIG_FOLDER "); - is standard input." }

/*
 * The path of the configuration for a verb, to be freed.  It need not exist: if
 * there is none at any of the default paths, this is the first of them.
 */
char	*config_file_find(const struct cli_args *);

/*
 * The folder where the user would make a configuration, to be freed; NULL: it
 * is below the home folder, and HOME is not set.
 */
char	*config_file_folder(void);

#endif
