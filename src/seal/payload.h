/*
 * The payload of an age file: STREAM, chunks of 64 KiB under ChaCha20-Poly1305
 * with a counter and a last-chunk mark in the nonce, so that chunks can be
 * neither reordered nor cut off.  Streams: bytes are pushed in as they come
 * and leave chunk by chunk.
 */
#ifndef SEAL_PAYLOAD_H
#define SEAL_PAYLOAD_H

#include <stddef.h>
#include <stdint.h>

#include "base/secret.h"
#include "base/status.h"
#include "seal/writer.h"

#define PAYLOAD_NONCE	16	/* in front of the first chunk */

struct payload_reader;

/* NULL: the cryptographic library failed.  The file key is not kept. */
struct payload_reader *payload_reader_new(const struct secret *file_key,
		    const uint8_t nonce[PAYLOAD_NONCE]);

/* Wipes; NULL is fine. */
void		 payload_reader_free(struct payload_reader *);

/*
 * Takes sealed bytes.  A chunk is written once it was authenticated.
 * STATUS_PAYLOAD: it is not authentic, or bytes follow the last one; the reader
 * cannot be used any more.
 */
enum status	 payload_read(struct payload_reader *, const uint8_t *,
		    size_t n, struct seal_writer) MUST_CHECK;

/* No more bytes: writes the last chunk.  STATUS_PAYLOAD: the file was cut. */
enum status	 payload_read_end(struct payload_reader *,
		    struct seal_writer) MUST_CHECK;

/* Sealing. */
struct payload_sealer;

struct payload_sealer *payload_sealer_new(const struct secret *file_key,
		    const uint8_t nonce[PAYLOAD_NONCE]);
void		 payload_sealer_free(struct payload_sealer *);

/* Takes plain bytes and writes sealed chunks. */
enum status	 payload_seal(struct payload_sealer *, const uint8_t *,
		    size_t n, struct seal_writer) MUST_CHECK;

/* Writes the last chunk; there always is one. */
enum status	 payload_seal_end(struct payload_sealer *,
		    struct seal_writer) MUST_CHECK;

#endif
