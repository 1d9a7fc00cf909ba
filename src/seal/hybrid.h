/*
 * The post-quantum recipient type of age: stanzas "mlkem768x25519 ENC" whose
 * body is the file key, sealed by HPKE to a recipient of MLKEM768-X25519.
 * Stanzas are recognised and checked everywhere; the other functions may be
 * called only if mlkem_offered().
 */
#ifndef SEAL_HYBRID_H
#define SEAL_HYBRID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/secret.h"
#include "base/status.h"
#include "seal/header.h"
#include "seal/xwing.h"

bool		hybrid_is(const struct stanza *);

/* The stanza has the only valid form of its type; STATUS_HEADER otherwise. */
enum status	hybrid_check(const struct stanza *) MUST_CHECK;

/*
 * Unwraps a stanza that was checked.  STATUS_NO_MATCH: it is for somebody
 * else.  STATUS_HEADER: its share of X25519 is a point of small order.
 */
enum status	hybrid_unwrap(const struct stanza *,
		    const struct secret *seed, struct secret **file_key)
		    MUST_CHECK;

/*
 * Writes a stanza for a recipient.  STATUS_BAD_RECIPIENT: its point is of small
 * order, which no identity belongs to.
 */
enum status	hybrid_wrap(const struct secret *file_key,
		    const uint8_t recipient[XWING_KEY], struct buf *header)
		    MUST_CHECK;

#endif
