/*
 * The X25519 recipient type of age: stanzas "X25519 SHARE" whose body is the
 * file key under a key that an ephemeral share and the recipient agree on.
 */
#ifndef SEAL_X25519_H
#define SEAL_X25519_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/secret.h"
#include "base/status.h"
#include "seal/crypto.h"
#include "seal/header.h"

bool		x25519_is(const struct stanza *);

/* The stanza has the only valid form of its type; STATUS_HEADER otherwise. */
enum status	x25519_check(const struct stanza *) MUST_CHECK;

/*
 * Unwraps a stanza that was checked.  STATUS_NO_MATCH: it is for somebody
 * else.  STATUS_HEADER: its share is a point of small order.
 */
enum status	x25519_unwrap(const struct stanza *,
		    const struct secret *scalar,
		    const uint8_t recipient[CRYPTO_POINT],
		    struct secret **file_key) MUST_CHECK;

/*
 * Writes a stanza for a recipient.  STATUS_BAD_RECIPIENT: a point of small
 * order, which no identity belongs to.
 */
enum status	 x25519_wrap(const struct secret *file_key,
		    const uint8_t recipient[CRYPTO_POINT],
		    struct buf *header) MUST_CHECK;

#endif
