/*
 * The check sum of Elastic Cloud's keys; see essu.h.  "essu_" is followed by
 * the base64 of a payload and its CRC-32 in eight bytes, big-endian.
 */
#include "conf/essu.h"

#include "base/base64.h"
#include "base/secret.h"

#define CRC_LEN		8

/* CRC-32 of ISO 3309, as in zlib and Ethernet. */
static uint32_t
crc32(const uint8_t *p, size_t n)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < n; i++) {
		crc ^= p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

static bool
crc_matches(const uint8_t *p, size_t n)
{
	uint64_t told = 0;

	if (n < CRC_LEN)
		return false;
	for (size_t i = n - CRC_LEN; i < n; i++)
		told = told << 8 | p[i];
	return told == crc32(p, n - CRC_LEN);
}

bool
essu_sum_matches(struct text base64)
{
	struct secret *plain;
	size_t n;
	bool good;

	base64 = base64_without_padding(base64);
	n = BASE64_ROOM(base64.n);
	plain = secret_new(n);
	good = base64_decode(base64, secret_bytes(plain), &n) &&
	    crc_matches(secret_read(plain), n);
	secret_free(plain);
	return good;
}

bool
essu_is_plausible(struct text t)
{
	const struct text prefix = ESSU_PREFIX;

	return !text_starts_with(t, prefix) ||
	    essu_sum_matches(text_range(t.p + prefix.n, t.p + t.n));
}
