/*
 * The paths outside the configuration that a daemon needs: the access log and
 * the names of Unix sockets.
 */
#ifndef CONF_PATHS_H
#define CONF_PATHS_H

#include "conf/draft.h"
#include "conf/reader.h"

/*
 * Adds the errors and warnings that opening them would meet, as our user.
 * Opens, makes and connects to nothing: the daemon may be running, so an
 * address in use is no error.
 */
void	paths_check(struct reader *, const struct draft *);

#endif
