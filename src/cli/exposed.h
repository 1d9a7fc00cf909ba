/*
 * Secrets in the arguments of the program, where other users of the machine see
 * them and the shell writes them to its history.  They are recognised by their
 * look, wherever they are in an argument: after "=", in quotes, in a path, in a
 * field.  Pure but for the arguments; knows no verb and no option.
 */
#ifndef CLI_EXPOSED_H
#define CLI_EXPOSED_H

#include <stdbool.h>

#include "base/text.h"

/*
 * Whether the text has one of these, which is never meant to be in an argument:
 *
 * - "essu_" and 40 characters of base64, in either alphabet;
 * - a key of Elastic Cloud without "essu_", by its check sum; in a path only
 *   at its end;
 * - base64, 40 characters with its padding, of "id:secret", as keys of
 *   Elasticsearch and ECE are, or the credentials of Basic;
 * - an identity of age, "AGE-SECRET-KEY-1..." or "AGE-SECRET-KEY-PQ-1...",
 *   in lower case too.
 *
 * Digests, recipients, fingerprints and names of files are none of these.
 */
bool	 exposed_in(struct text);

/*
 * Overwrites every argument that holds a secret, so that it is not in
 * /proc/PID/cmdline either.  Returns their positions, "argument 3" or
 * "arguments 2 and 5", to be freed; the name of the program is 0.  NULL: there
 * are none.
 */
char	*exposed_hide(int argc, char **argv)
	    __attribute__((warn_unused_result));

#endif
