/*
 * Bech32 (BIP 173) without its limit of 90 characters, as age writes
 * recipients ("age1...") and identities ("AGE-SECRET-KEY-1...").
 */
#ifndef SEAL_BECH32_H
#define SEAL_BECH32_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* The characters of n bytes behind a prefix of that length, without NUL. */
#define BECH32_LEN(prefix, n)	((prefix) + 1 + ((n) * 8 + 4) / 5 + 6)

enum bech32 {
	BECH32_OK,
	BECH32_PREFIX,		/* it begins with another prefix */
	BECH32_FORM,		/* an impossible character or length */
	BECH32_CHECKSUM,	/* mistyped, or part of it is missing */
};

/*
 * Decodes exactly n bytes behind this prefix (in lower case; the text may be
 * all upper or all lower).  out means nothing unless BECH32_OK.
 */
enum bech32	bech32_decode(struct text, struct text prefix, uint8_t *out,
		    size_t n);

/* Writes lower case, and a NUL at the end. */
void		bech32_encode(struct text prefix, const uint8_t *, size_t n,
		    char *out);

#endif
