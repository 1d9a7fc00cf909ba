/*
 * What the parent sends a worker about TLS with clients: the keys of session
 * tickets, files of listeners that were renewed, and that those which verify
 * clients are others in the next generation.
 */
#ifndef DAEMON_WORKER_TLS_H
#define DAEMON_WORKER_TLS_H

#include "client/sessions.h"
#include "client/tls_servers.h"
#include "daemon/control_channel.h"

/*
 * Takes the message, whose descriptor is closed.  Sessions of clients that were
 * verified by what was renewed end.
 */
void	worker_tls_take(struct tls_servers *, struct sessions *,
	    const struct conf *, const struct control_message *);

#endif
