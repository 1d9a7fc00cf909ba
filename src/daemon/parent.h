/*
 * The parent: reads the configuration, owns the listening sockets, starts,
 * watches and replaces workers.  Parses no byte from any network.
 */
#ifndef DAEMON_PARENT_H
#define DAEMON_PARENT_H

#include "seal/identity.h"

/*
 * `sallyport run`: until SIGTERM or SIGINT.  Returns the exit status; the
 * reason for 1 was printed to stderr.  ask tells the passphrase of an identity
 * that has one.
 */
int	parent_run(const char *conf_file, struct passphrase_source ask);

#endif
