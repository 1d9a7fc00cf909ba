/*
 * For tests: a TLS server in the loop of the test.  It says what it hears,
 * closes when it hears "bye", and is as silent as wanted.
 */
#ifndef TESTS_UNIT_NET_TLS_SERVER_H
#define TESTS_UNIT_NET_TLS_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "../../lib/certs.h"
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
	bool hang_up_first;	/* on the first client only */
	bool mute;		/* does not say what it hears */
	bool deaf;		/* reads nothing until tls_server_hear() */
	unsigned accepted, handshakes, resumed;
	size_t heard;		/* bytes */
	unsigned clean_ends;	/* by close_notify */
	char alpn[16];		/* of the last client */
	char sni[64];
	struct tls_server_client *clients;
};

/* cert NULL: none of the handshakes can succeed. */
void	tls_server_start(struct tls_server *, struct loop *,
	    const struct cert *);

/* At "IP:PORT". */
void	tls_server_start_at(struct tls_server *, struct loop *,
	    const struct cert *, const char *address);
void	tls_server_stop(struct tls_server *);

/* Sends n bytes to every client. */
void	tls_server_say(struct tls_server *, const void *, size_t n);

/* The same below TLS, to the latest one. */
void	tls_server_say_raw(struct tls_server *, const void *, size_t n);

/* Asks the latest client n times for new keys; then says ".". */
void	tls_server_update_keys(struct tls_server *, unsigned n);

/* Reads again. */
void	tls_server_hear(struct tls_server *);

/* Ends all clients. */
void	tls_server_end(struct tls_server *, enum link_end);

#endif
