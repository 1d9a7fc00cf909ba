/*
 * Bech32; see bech32.h.
 */
#include "seal/bech32.h"

#include <string.h>

#define CHECKSUM	6

static const char alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/* One step of the checksum: a BCH code over five-bit values. */
static uint32_t
polymod(uint32_t sum, uint32_t value)
{
	static const uint32_t generator[] = { 0x3b6a57b2, 0x26508e6d,
	    0x1ea119fa, 0x3d4233dd, 0x2a1462b3 };
	uint32_t top = sum >> 25;

	sum = (sum & 0x1ffffff) << 5 ^ value;
	for (unsigned i = 0; i < 5; i++) {
		if ((top >> i & 1) != 0)
			sum ^= generator[i];
	}
	return sum;
}

/* The checksum's state behind the prefix, which is lower case. */
static uint32_t
polymod_prefix(struct text prefix)
{
	uint32_t sum = 1;

	for (size_t i = 0; i < prefix.n; i++)
		sum = polymod(sum, (uint32_t)(uint8_t)prefix.p[i] >> 5);
	sum = polymod(sum, 0);
	for (size_t i = 0; i < prefix.n; i++)
		sum = polymod(sum, (uint32_t)(uint8_t)prefix.p[i] & 31);
	return sum;
}

static bool
has_mixed_case(struct text t)
{
	bool lower = false, upper = false;

	for (size_t i = 0; i < t.n; i++) {
		lower |= t.p[i] >= 'a' && t.p[i] <= 'z';
		upper |= t.p[i] >= 'A' && t.p[i] <= 'Z';
	}
	return lower && upper;
}

static bool
value_of(char c, uint32_t *value)
{
	const char *at;

	if (c == '\0' || (at = strchr(alphabet, ascii_lower(c))) == NULL)
		return false;
	*value = (uint32_t)(at - alphabet);
	return true;
}

/*
 * The checksum holds.  *form: all characters of the data are of the alphabet.
 */
static bool
check_sum(struct text data, struct text prefix, bool *form)
{
	uint32_t sum = polymod_prefix(prefix), value;

	for (size_t i = 0; i < data.n; i++) {
		if (!(*form = value_of(data.p[i], &value)))
			return false;
		sum = polymod(sum, value);
	}
	return sum == 1;
}

/* Five bits to eight; bits left over must be zero and fewer than five. */
static bool
regroup(struct text data, uint8_t *out, size_t n)
{
	uint32_t bits = 0, value = 0;
	unsigned n_bits = 0;
	size_t used = 0;

	for (size_t i = 0; i < data.n; i++) {
		value_of(data.p[i], &value);
		bits = bits << 5 | value;
		if ((n_bits += 5) < 8)
			continue;
		n_bits -= 8;
		if (used == n)
			return false;
		out[used++] = (uint8_t)(bits >> n_bits);
	}
	return used == n && n_bits < 5 && (bits & ((1U << n_bits) - 1)) == 0;
}

enum bech32
bech32_decode(struct text t, struct text prefix, uint8_t *out, size_t n)
{
	struct text head = { .p = t.p, .n = prefix.n }, data;
	bool form = true;

	if (t.n <= prefix.n || !text_eq_nocase(head, prefix) ||
	    t.p[prefix.n] != '1')
		return BECH32_PREFIX;
	data = text_range(t.p + prefix.n + 1, t.p + t.n);
	if (has_mixed_case(t) || data.n < CHECKSUM)
		return BECH32_FORM;
	if (!check_sum(data, prefix, &form))
		return form ? BECH32_CHECKSUM : BECH32_FORM;
	data.n -= CHECKSUM;
	return regroup(data, out, n) ? BECH32_OK : BECH32_FORM;
}

static char *
put(char *out, uint32_t value, uint32_t *sum)
{
	*sum = polymod(*sum, value);
	*out = alphabet[value];
	return out + 1;
}

void
bech32_encode(struct text prefix, const uint8_t *in, size_t n, char *out)
{
	uint32_t sum = polymod_prefix(prefix), bits = 0;
	unsigned n_bits = 0;

	memcpy(out, prefix.p, prefix.n);
	out += prefix.n;
	*out++ = '1';
	for (size_t i = 0; i < n; i++) {
		bits = bits << 8 | in[i];
		for (n_bits += 8; n_bits >= 5; n_bits -= 5)
			out = put(out, bits >> (n_bits - 5) & 31, &sum);
	}
	if (n_bits != 0)
		out = put(out, bits << (5 - n_bits) & 31, &sum);
	for (unsigned i = 0; i < CHECKSUM; i++)
		sum = polymod(sum, 0);
	sum ^= 1;
	for (unsigned i = 0; i < CHECKSUM; i++)
		*out++ = alphabet[sum >> (5 * (5 - i)) & 31];
	*out = '\0';
}
