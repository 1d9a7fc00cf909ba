/*
 * TLS with clients in the simulated world: net/tls_server.h and
 * net/tls_accept.h over wires.  A handshake is what the way of a client has
 * behind the header (way.h), read to its last byte and no further, and then a
 * moment.  What the listener verifies by is a text, and a certificate is the
 * names that the way says it has; verification itself is OpenSSL's, and not
 * simulated.
 */
#ifndef TESTS_SIM_ACCEPT_H
#define TESTS_SIM_ACCEPT_H

#include "wire.h"

/* The subject of the certificate of the client at a wire, and back. */
#define ACCEPT_SUBJECT	"CN=wire "

#endif
