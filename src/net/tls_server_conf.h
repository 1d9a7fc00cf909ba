/* The requirements for TLS of one listener, as plain data. */
#ifndef NET_TLS_SERVER_CONF_H
#define NET_TLS_SERVER_CONF_H

#include <stdbool.h>

#include "base/text.h"
#include "net/tls_tickets.h"

/* PEM, as long-lived as the call; .p NULL: not given. */
struct tls_server_conf {
	struct text certificate;	/* our chain, and its key */
	struct text certificate_key;
	struct text client_ca;		/* authorities of clients; not given:
					   no client is asked who it is */
	struct text client_crl;		/* checked for the whole chain; there
					   are no tickets then */
	bool required;			/* a client must have a certificate */
	struct tls_tickets *tickets;	/* NULL: none are given */
};

#endif
