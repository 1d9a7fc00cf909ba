/*
 * Base64 (RFC 4648 section 4), strict: one encoding for one value, anything
 * else refused.
 */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* Length of n bytes, without padding. */
#define BASE64_LEN(n)	(((n) * 4 + 2) / 3)

/* Room that decoding n characters may take. */
#define BASE64_ROOM(n)	((n) / 4 * 3 + 2)

/* The text without the padding at its end, of whatever length. */
struct text	base64_without_padding(struct text);

/* Writes BASE64_LEN(n) characters, no NUL. */
void	base64_encode(const uint8_t *, size_t n, char *out);

/*
 * No padding, no space, no line end; the bits left over must be zero.  *n holds
 * the room in out before the call.  False for anything else; the content of out
 * then means nothing.
 */
bool	base64_decode(struct text, uint8_t *out, size_t *n);

/*
 * The same with padding to whole groups of four characters, as the lines of
 * armor have it.
 */
#define BASE64_PADDED_LEN(n)	(((n) + 2) / 3 * 4)

void	base64_encode_padded(const uint8_t *, size_t n, char *out);
bool	base64_decode_padded(struct text, uint8_t *out, size_t *n);

#endif
