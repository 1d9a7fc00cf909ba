/*
 * The scrypt recipient type of age: a stanza "scrypt SALT LOG_N" whose body is
 * the file key under a key made of a passphrase.  It is alone in its header,
 * since anybody who knows the passphrase could have made the file.
 */
#ifndef SEAL_PASSPHRASE_H
#define SEAL_PASSPHRASE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/secret.h"
#include "base/status.h"
#include "seal/header.h"

/* 2^18 takes 256 MiB and about a second; more than 2^20 is refused. */
#define WORK_FACTOR_DEFAULT	18
#define WORK_FACTOR_MAX		20

/*
 * Keys derived before, for deriving one takes a second or more.  of is a digest
 * of passphrase, salt and work factor; key is the key of a stanza.
 */
#define PASSPHRASE_KEY	32
struct passphrase_memo {
	/* Whether it is known, and set. */
	bool (*recall)(void *ctx, const uint8_t of[DIGEST_SIZE],
	    uint8_t key[PASSPHRASE_KEY]);
	void (*note)(void *ctx, const uint8_t of[DIGEST_SIZE],
	    const uint8_t key[PASSPHRASE_KEY]);
	void *ctx;
};

bool		passphrase_is(const struct stanza *);

/*
 * The stanza has the only valid form of its type.  Otherwise STATUS_HEADER, or
 * STATUS_WORK_FACTOR where opening it would take too long.
 */
enum status	passphrase_check(const struct stanza *) MUST_CHECK;

/*
 * Unwraps a stanza that was checked; the memo may be NULL.  STATUS_PASSPHRASE:
 * the file was sealed with another one.
 */
enum status	passphrase_unwrap(const struct stanza *,
		    const struct secret *passphrase,
		    const struct passphrase_memo *,
		    struct secret **file_key) MUST_CHECK;

/* Writes a stanza; log_n is 1 to WORK_FACTOR_MAX. */
enum status	passphrase_wrap(const struct secret *file_key,
		    const struct secret *passphrase, unsigned log_n,
		    struct buf *header) MUST_CHECK;

#endif
