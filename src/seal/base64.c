/*
 * Base64; see base64.h.
 */
#include "seal/base64.h"

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
base64_encode(const uint8_t *in, size_t n, char *out)
{
	uint32_t bits = 0;
	unsigned n_bits = 0;

	for (size_t i = 0; i < n; i++) {
		bits = bits << 8 | in[i];
		for (n_bits += 8; n_bits >= 6; n_bits -= 6)
			*out++ = alphabet[bits >> (n_bits - 6) & 63];
	}
	if (n_bits != 0)
		*out = alphabet[bits << (6 - n_bits) & 63];
}

/* 0 to 63, or 64 for what is not of the alphabet. */
static uint32_t
value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (uint32_t)(c - 'A');
	if (c >= 'a' && c <= 'z')
		return (uint32_t)(c - 'a') + 26;
	if (c >= '0' && c <= '9')
		return (uint32_t)(c - '0') + 52;
	return c == '+' ? 62 : c == '/' ? 63 : 64;
}

bool
base64_decode(struct text t, uint8_t *out, size_t *n)
{
	size_t used = 0, room = *n;
	uint32_t bits = 0, v;
	unsigned n_bits = 0;

	for (size_t i = 0; i < t.n; i++) {
		if ((v = value_of(t.p[i])) == 64)
			return false;
		bits = bits << 6 | v;
		if ((n_bits += 6) < 8)
			continue;
		n_bits -= 8;
		if (used == room)
			return false;
		out[used++] = (uint8_t)(bits >> n_bits);
	}
	*n = used;
	/* A single last character holds no byte. */
	return n_bits != 6 && (bits & ((1U << n_bits) - 1)) == 0;
}
