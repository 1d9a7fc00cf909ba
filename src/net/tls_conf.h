/*
 * What is asked of TLS towards one upstream, as plain data.
 */
#ifndef NET_TLS_CONF_H
#define NET_TLS_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tls_client_conf {
	const char *host;	/* name or IP literal: SNI and verification */
	const char *ca_file;	/* NULL: the system's */
	bool tls_1_3_only;
	const uint8_t (*pins)[32];	/* SHA-256 of an SPKI in the chain */
	size_t n_pins;
	bool http_2;		/* offer h2 by ALPN */
};

#endif
