/*
 * Seals: plain bytes in, an age file out, binary or armored, as they come
 * and with the memory of a few chunks.
 */
#ifndef SEAL_SEALER_H
#define SEAL_SEALER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "seal/recipient.h"
#include "seal/writer.h"

struct sealer;

/*
 * Makes the header, which for a passphrase takes a second.  The recipients,
 * at least one, are not kept.  *sealer is set on STATUS_OK only;
 * STATUS_BAD_RECIPIENT, STATUS_MIXED_RECIPIENTS.
 */
enum status	 sealer_new(const struct recipients *, bool armored,
		    struct sealer **sealer) MUST_CHECK;

/* Wipes; NULL is fine. */
void		 sealer_free(struct sealer *);

/* Takes plain bytes and writes sealed ones. */
enum status	 sealer_push(struct sealer *, const uint8_t *, size_t n,
		    struct seal_writer) MUST_CHECK;

/* No more bytes.  Without STATUS_OK here the file is not whole. */
enum status	 sealer_end(struct sealer *, struct seal_writer) MUST_CHECK;

#endif
