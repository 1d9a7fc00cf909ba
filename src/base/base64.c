/*
 * Base64; see base64.h.
 */
#include "base/base64.h"

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

struct text
base64_without_padding(struct text t)
{
	for (int i = 0; i < 2 && text_ends_with(t, TEXT("=")); i++)
		t.n--;
	return t;
}

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

/* One more than the value of each character of the alphabet. */
static const uint8_t values[256] = {
	['A'] = 1, ['B'] = 2, ['C'] = 3, ['D'] = 4, ['E'] = 5, ['F'] = 6,
	['G'] = 7, ['H'] = 8, ['I'] = 9, ['J'] = 10, ['K'] = 11, ['L'] = 12,
	['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16, ['Q'] = 17,
	['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22,
	['W'] = 23, ['X'] = 24, ['Y'] = 25, ['Z'] = 26, ['a'] = 27,
	['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
	['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37,
	['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42,
	['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47,
	['v'] = 48, ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52,
	['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56, ['4'] = 57,
	['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62,
	['+'] = 63, ['/'] = 64,
};

bool
base64_decode(struct text t, uint8_t *out, size_t *n)
{
	size_t used = 0, room = *n;
	uint32_t bits = 0, v;
	unsigned n_bits = 0;

	for (size_t i = 0; i < t.n; i++) {
		if ((v = values[(uint8_t)t.p[i]]) == 0)
			return false;
		bits = bits << 6 | (v - 1);
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

void
base64_encode_padded(const uint8_t *in, size_t n, char *out)
{
	base64_encode(in, n, out);
	for (size_t i = BASE64_LEN(n); i < BASE64_PADDED_LEN(n); i++)
		out[i] = '=';
}

bool
base64_decode_padded(struct text t, uint8_t *out, size_t *n)
{
	size_t padding = 0;

	if (t.n % 4 != 0)
		return false;
	while (padding < 2 && padding < t.n &&
	    t.p[t.n - 1 - padding] == '=')
		padding++;
	t.n -= padding;
	return base64_decode(t, out, n);
}
