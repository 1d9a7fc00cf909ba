/*
 * Failed handshakes in words; see tls_accept_why.h.
 */
#include "net/tls_accept_why.h"

#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "net/tls_alert.h"
#include "net/tls_bio.h"
#include "net/tls_server_verify.h"

/* NULL: OpenSSL's own words will do. */
static const char *
reason_text(int reason)
{
	switch (reason) {
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_VERSION_TOO_LOW:
	case SSL_R_UNKNOWN_PROTOCOL:
		return "no version in common: the client does not speak TLS "
		       "1.2 or 1.3";
	case SSL_R_WRONG_VERSION_NUMBER:
	case SSL_R_HTTP_REQUEST:
	case SSL_R_HTTPS_PROXY_REQUEST:
		return "what came is not TLS";
	case SSL_R_NO_SHARED_CIPHER:
		return "no cipher in common";
	case SSL_R_NO_SUITABLE_KEY_SHARE:
	case SSL_R_NO_SUITABLE_GROUPS:
	case SSL_R_NO_SHARED_GROUPS:
		return "no group for the key exchange in common";
	case SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS:
	case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
		return "no signature algorithm in common";
	case SSL_R_WRONG_CURVE:
		return "with TLS 1.2 the key of the client's certificate "
		       "must be of RSA, Ed25519, P-256 or P-384";
	case SSL_R_NO_APPLICATION_PROTOCOL:
		return "no protocol in common: by ALPN the client asks for "
		       "another one than http/1.1";
	case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
		return "the client has no certificate, and 'required' asks "
		       "for one";
	case SSL_R_EXCESSIVE_MESSAGE_SIZE:
		return "the client sent too long a message, such as a chain "
		       "of many certificates";
	default:
		return NULL;
	}
}

static const char *
error_text(void)
{
	unsigned long e = ERR_peek_error();
	const char *text = reason_text(ERR_GET_REASON(e));

	if (text == NULL)
		text = ERR_reason_error_string(e);
	return text != NULL ? text : "unknown error of OpenSSL";
}

/* What the socket or the count of messages say; NULL: nothing. */
static const char *
transport_text(const BIO *bio, int kind)
{
	if (bio == NULL)
		return NULL;
	if (tls_bio_is_flooded(bio))
		return "too many messages";
	if (tls_bio_eof(bio))
		return "the client closed the connection";
	if (kind == SSL_ERROR_SYSCALL && tls_bio_errno(bio) != 0)
		return strerror(tls_bio_errno(bio));
	return NULL;
}

void
tls_accept_why(SSL *ssl, int ssl_result, char *why, size_t why_size)
{
	int kind = SSL_get_error(ssl, ssl_result);
	const BIO *bio = tls_bio_of(ssl);
	const char *refused = tls_server_verify_text(ssl);
	uint8_t alert = bio != NULL ? tls_bio_alert(bio) :
	    TLS_ALERT_CLOSE_NOTIFY;
	const char *transport = transport_text(bio, kind);

	if (kind == SSL_ERROR_SSL && ERR_GET_REASON(ERR_peek_error()) ==
	    SSL_R_CERTIFICATE_VERIFY_FAILED && refused != NULL)
		snprintf(why, why_size, "certificate of the client: %s",
		    refused);
	else if (alert != TLS_ALERT_CLOSE_NOTIFY)
		tls_alert_text(ssl, alert, why, why_size);
	else
		snprintf(why, why_size, "%s", transport != NULL ? transport :
		    error_text());
	ERR_clear_error();
}
