/*
 * Renewed files of a listener as bytes, on their way from the process that
 * reads them to the parent and on to workers.  They hold a private key: they
 * are kept as a secret, and pass as secret_veil.h has it.
 */
#ifndef DAEMON_TLS_RENEWAL_H
#define DAEMON_TLS_RENEWAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/secret.h"
#include "cert/span.h"
#include "conf/conf.h"
#include "daemon/control_channel.h"

struct tls_renewal {
	size_t listener;
	struct cert_span span[CONF_TLS_FILES];	/* as conf/renew.h has it */
	struct text certificate, certificate_key, client_ca, client_crl;
						/* .p NULL: not given */
};

/* What a listener has; without the ends. */
struct tls_renewal tls_renewal_of(size_t listener,
		    const struct conf_listener_tls *);

struct secret	*tls_renewal_pack(const struct tls_renewal *);

/*
 * False: these are none of that configuration.  The texts are those in the
 * secret.
 */
bool		 tls_renewal_read(const struct secret *, const struct conf *,
		    struct tls_renewal *);

/* Of the files: the same where they are. */
bool		 tls_renewal_digest(const struct tls_renewal *,
		    uint8_t out[DIGEST_SIZE]) MUST_CHECK;

/*
 * Sends them over a control channel.  False with errno: EFBIG where they are
 * more than 256 MB, which nobody takes; else the receiver reads no messages, or
 * there is no memory or descriptor for it.
 */
bool		 tls_renewal_send(int control, const struct secret *);

/*
 * Reads what came with such a message, whose text is to be wiped then; NULL on
 * failure.
 */
struct secret	*tls_renewal_from(const struct control_message *);

#endif
