/*
 * The parent: reads the configuration, owns the listening sockets, starts,
 * watches and replaces workers.  Parses no byte from any network.
 */
#ifndef DAEMON_PARENT_H
#define DAEMON_PARENT_H

#include "conf/conf.h"

/*
 * `sallyport run`: until SIGTERM or SIGINT.  Returns the exit status; the
 * reason for 1 was printed to stderr.  opening says what opens a configuration
 * that is sealed.
 */
int	parent_run(const char *conf_file, const struct conf_opening *opening);

#endif
