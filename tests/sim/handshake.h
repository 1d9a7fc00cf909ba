/*
 * TLS of dials in the simulated world: handshakes that succeed or fail
 * (handshake.c), and bytes that pass as they are (tls_bytes.c).  When the dial
 * has ended, links read and write wires themselves.
 */
#ifndef TESTS_SIM_HANDSHAKE_H
#define TESTS_SIM_HANDSHAKE_H

#include <stdbool.h>
#include <stddef.h>

#include "wire.h"

/* What OpenSSL keeps for a wire, which is both its SSL and its BIO. */
struct tls {
	unsigned n;			/* SSLs, each within the one before */
	struct buf ahead, pending;	/* input, output */
	int reads;			/* that are allowed */
	int error;			/* SSL_get_error() */
	int number;			/* errno */
	bool broken;			/* TLS around it is */
};

struct wire	*handshake_wire(const SSL *);
struct tls	*handshake_tls(const SSL *);

/* From the wire, as many bytes as one read brings, if it is allowed. */
void		 handshake_read_ahead(struct wire *);
size_t		 handshake_ahead(const struct wire *);

/* The dial has ended well: its link needs no more of what is kept here. */
void		 handshake_over(struct wire *);

#endif
