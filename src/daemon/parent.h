/*
 * The parent: reads the configuration, owns the listening sockets, starts,
 * watches and replaces workers.  It parses no byte that comes from a network.
 */
#ifndef DAEMON_PARENT_H
#define DAEMON_PARENT_H

#include "conf/conf.h"

/*
 * `sallyport run`: runs until SIGTERM or SIGINT.  Returns the exit status; the
 * reason for 1 was printed to stderr.  opening opens a sealed configuration.
 */
int	parent_run(const char *conf_file, const struct conf_opening *opening);

#endif
