/*
 * Where the configuration is: one answer for all verbs.  That of -c; else, but
 * for root, the user's own where there is one; else the system's.
 */
#ifndef CLI_CONFIG_FILE_H
#define CLI_CONFIG_FILE_H

#include "cli/args.h"

#define CONFIG_FILE	"sallyport.conf"

/* Root's, and the system's. */
#define CONFIG_FOLDER	"/etc/sallyport"

/* Anybody else's, for help texts. */
#define CONFIG_FOLDER_OF_USER	"$XDG_CONFIG_HOME/sallyport or, where that " \
	"is not set, ~/.config/sallyport"

/* For every verb that needs a configuration. */
#define CLI_CONFIG_OPTION { .name = "config", .letter = 'c', \
	.argument = "FILE", .reads = true, \
	.help = "The configuration (default: " CONFIG_FILE " in " \
	CONFIG_FOLDER_OF_USER ", unless it is root who asks; then in " \
	CONFIG_FOLDER "); - is standard input." }

/*
 * The configuration that a verb is about, to be freed.  There need not be one:
 * of several places where none is, it is the first.
 */
char	*config_file_find(const struct cli_args *);

/*
 * The folder where whoever asks would make one, to be freed; NULL: that is
 * below a home, and HOME does not say where.
 */
char	*config_file_folder(void);

#endif
