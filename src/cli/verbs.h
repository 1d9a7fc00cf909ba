/*
 * The command line as a whole.  A verb is one row of verbs.tbl and one file
 * that defines `const struct verb verb_NAME`.
 */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#include "cli/say.h"

/*
 * The whole program: argv to an exit status.  Secrets in argv are overwritten
 * (exposed.h).
 */
enum cli_exit	 cli_main(int argc, char **argv);

#endif
