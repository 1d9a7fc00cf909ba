/* The requirements for TLS towards one upstream, as plain data. */
#ifndef NET_TLS_CONF_H
#define NET_TLS_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct tls_client_conf {
	const char *host;	/* name or IP literal: SNI and verification */
	bool is_proxy;		/* on the way to the upstream: for words */
	/* PEM, as long-lived as the call; .p NULL: not given. */
	struct text roots;	/* not given: the system's */
	struct text crls;	/* checked for the whole chain; no session is
				   kept then */
	struct text certificate;	/* our chain, for servers that require
					   one; and its key */
	struct text certificate_key;
	bool tls_1_3_only;
	const uint8_t (*pins)[32];	/* SHA-256 of an SPKI in the chain */
	size_t n_pins;
	bool http_2;		/* offer h2 by ALPN */
};

#endif
