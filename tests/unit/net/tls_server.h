/*
 * For tests: a TLS server in the loop of the test.  It says what it hears,
 * closes when it hears "bye", and is as silent as wanted.
 */
#ifndef TESTS_UNIT_NET_TLS_SERVER_H
#define TESTS_UNIT_NET_TLS_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "certs.h"
#include "net/link.h"
#include "net/listener.h"
#include "net/loop.h"

struct tls_server_client;

struct tls_server {
	struct loop *loop;
	SSL_CTX *ctx;
	struct listener *listener;
	int fd;
	uint16_t port;
	bool silent;		/* accepts and never shakes hands */
	bool plain;		/* answers in plain HTTP */
	bool hang_up;		/* closes instead of shaking hands */
	bool small_buffers;	/* of the kernel, for what it sends */
	unsigned accepted, handshakes, resumed;
	size_t heard;		/* bytes */
	char alpn[16];		/* of the last client */
	char sni[64];
	struct tls_server_client *clients;
};

/* cert NULL: none of the handshakes can succeed. */
void	tls_server_start(struct tls_server *, struct loop *,
	    const struct cert *);
void	tls_server_stop(struct tls_server *);

/* Sends n bytes to every client. */
void	tls_server_say(struct tls_server *, const void *, size_t n);

/* Ends all clients. */
void	tls_server_end(struct tls_server *, enum link_end);

#endif
