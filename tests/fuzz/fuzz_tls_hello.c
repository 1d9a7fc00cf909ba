/*
 * What clients send in a handshake, which a listener reads before it knows
 * anybody: hellos, tickets, and with TLS 1.2 certificates too.  The first byte
 * says in what pieces the others come.  Nobody is let in by chance, and why is
 * told in one line.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "../lib/certs.h"
#include "net/tls_accept_why.h"
#include "net/tls_bio.h"
#include "net/tls_server.h"

static struct tls_server *server;

/* Keys of zeros, so that seeds can have tickets whose key is known by name. */
static const uint8_t ticket_keys[TLS_TICKET_KEYS];

static void
make_server(void)
{
	struct cert root, own;
	struct tls_server_conf conf = { .required = true };
	char why[256];

	cert_make_root(&root, "root");
	cert_make_server(&own, &root, "DNS:sallyport.test", -3600, 3600);
	conf.certificate = cert_text(&own);
	conf.certificate_key = cert_key_text(&own, NULL);
	conf.client_ca = cert_text(&root);
	conf.tickets = tls_tickets_new(ticket_keys);
	server = tls_server_new(&conf, why, sizeof(why));
	fuzz_assert(server != NULL);
	cert_text_free(conf.certificate);
	cert_text_free(conf.certificate_key);
	cert_text_free(conf.client_ca);
	cert_free(&root);
	cert_free(&own);
}

/* What the server answers is of no interest. */
static void
drain(int fd)
{
	uint8_t some[4096];

	while (recv(fd, some, sizeof(some), 0) > 0)
		;
}

/* SSL_accept() wants more. */
static bool
takes(SSL *ssl, int *r)
{
	ERR_clear_error();
	tls_bio_allow_reads(tls_bio_of(ssl), TLS_BIO_UNLIMITED);
	*r = SSL_accept(ssl);
	fuzz_assert(*r != 1);
	return SSL_get_error(ssl, *r) == SSL_ERROR_WANT_READ;
}

static void
talk(SSL *ssl, int fd, const uint8_t *p, size_t n, uint32_t pieces)
{
	char why[256] = "";
	bool more = true;
	int r = 0;

	while (n != 0 && more) {
		size_t some = fuzz_piece(&pieces, n);

		fuzz_assert(send(fd, p, some, MSG_NOSIGNAL) == (ssize_t)some);
		p += some;
		n -= some;
		more = takes(ssl, &r);
		drain(fd);
	}
	(void)shutdown(fd, SHUT_WR);
	if (more)
		fuzz_assert(!takes(ssl, &r));
	tls_accept_why(ssl, r, why, sizeof(why));
	fuzz_assert(why[0] != '\0' && !text_has_control(text_of(why)));
	fuzz_assert(ERR_peek_error() == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	int fds[2];
	SSL *ssl;

	if (server == NULL)
		make_server();
	if (n < 2 || n > 65536)
		return 0;
	fuzz_assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    fds) == 0);
	ssl = tls_server_ssl(server, fds[1]);
	fuzz_assert(ssl != NULL);
	talk(ssl, fds[0], p + 1, n - 1, p[0]);
	SSL_free(ssl);
	close(fds[0]);
	close(fds[1]);
	return 0;
}
