/*
 * What a handshake of a listener would say of a client's certificate, without
 * one: for who asks beforehand.
 */
#ifndef NET_CLIENT_JUDGE_H
#define NET_CLIENT_JUDGE_H

#include "base/text.h"
#include "cert/span.h"
#include "net/tls_server_conf.h"

struct client_judgement {
	const char *why;	/* it is refused, a static text; NULL: it is
				   not */
	char subject[CERT_NAME];	/* of the authority above it that is to
					   blame; "": the certificate is */
};

/*
 * Judges by client_ca and client_crl alone; there must be a client_ca.  The
 * text is what the client would send: the first certificate is its own, and
 * the others may be above it.  Whether the client has its key is for the
 * handshake to see, and whether that can sign there.
 */
void	client_judge(const struct tls_server_conf *, struct text pem,
	    struct client_judgement *);

#endif
