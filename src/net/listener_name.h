/*
 * The name of a Unix socket in the file system: whose it is, and who may use
 * it.
 */
#ifndef NET_LISTENER_NAME_H
#define NET_LISTENER_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "net/listener.h"

/*
 * Gives it the owner, group and mode of the configuration.  False with the
 * reason, without the address.
 */
bool	listener_hand_out(const struct listener_conf *, char *why,
	    size_t why_size);

#endif
