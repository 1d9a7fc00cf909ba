/*
 * Versions and ciphers; see tls_protocol.h.
 */
#include "net/tls_protocol.h"

#include <openssl/ssl.h>

/*
 * Ephemeral keys and authenticated encryption only.  No finite-field
 * Diffie-Hellman: the server chooses that group, and clients cannot tell a good
 * one from a bad one (RFC 9325 section 4.1).
 */
#define TLS_1_2_CIPHERS	"ECDHE+AESGCM:ECDHE+CHACHA20"

/* Bytes that one read may bring: several records of a large message. */
#define READ_AHEAD	(64 * 1024)

/*
 * Compression of TLS itself tells what it compresses (CRIME), and that of
 * certificates (RFC 8879), which OpenSSL has since 3.2, has whoever connects
 * choose how much is unpacked for him before he proved anything.
 */
#ifdef SSL_OP_NO_RX_CERTIFICATE_COMPRESSION
#define UNCOMPRESSED	(SSL_OP_NO_COMPRESSION | \
	SSL_OP_NO_RX_CERTIFICATE_COMPRESSION | \
	SSL_OP_NO_TX_CERTIFICATE_COMPRESSION)
#else
#define UNCOMPRESSED	SSL_OP_NO_COMPRESSION
#endif

bool
tls_protocol_set(SSL_CTX *ctx, bool tls_1_3_only)
{
	SSL_CTX_set_security_level(ctx, 2);
	SSL_CTX_set_options(ctx, UNCOMPRESSED | SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_read_ahead(ctx, 1);
	SSL_CTX_set_default_read_buffer_len(ctx, READ_AHEAD);
	return SSL_CTX_set_min_proto_version(ctx, tls_1_3_only ?
	    TLS1_3_VERSION : TLS1_2_VERSION) == 1 &&
	    SSL_CTX_set_cipher_list(ctx, TLS_1_2_CIPHERS) == 1;
}
