/*
 * What the service manager passed in, held against what the configuration asks
 * for.  Opens nothing; net/listener_open takes the sockets.
 */
#ifndef DAEMON_INHERITANCE_H
#define DAEMON_INHERITANCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "conf/conf.h"

/*
 * Adds an error where a listener's options do not hold for the socket that it
 * takes, and where another one takes the same; and a warning where a socket
 * takes more clients than its listener says, and for each that none serves: a
 * client that connects there would wait for ever.
 */
void	inheritance_check(const struct conf *, struct conf_diagnostics *);

/*
 * Why nobody can listen at that address beside what was passed in.  False:
 * nothing of that is in its way.
 */
bool	inheritance_explain(const struct addr *, char *why, size_t why_size);

#endif
