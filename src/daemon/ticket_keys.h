/*
 * The keys of TLS session tickets, which all workers of all generations share:
 * so a client resumes its session with whichever worker takes it, after a
 * reload as well.  The parent makes them when there is a listener of TLS for
 * the first time, keeps them in memory of secrets that no worker inherits, and
 * renews them by the control channel.
 */
#ifndef DAEMON_TICKET_KEYS_H
#define DAEMON_TICKET_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "net/tls_tickets.h"

struct ticket_keys;

struct ticket_keys *ticket_keys_new(void);

/* Wipes them.  NULL is fine. */
void	ticket_keys_free(struct ticket_keys *);

/*
 * Rotates them if it is time.  True: they changed, and are to be sent to all
 * workers.  *next is when to call it again at the latest; now and *next are
 * monotonic, ns.
 */
bool	ticket_keys_step(struct ticket_keys *, int64_t now, int64_t *next);

/* Sends them to a worker. */
void	ticket_keys_send(struct ticket_keys *, int control);

/* Reads the text of such a message, in the worker. */
bool	ticket_keys_read(const char *text, uint8_t keys[TLS_TICKET_KEYS]);

#endif
