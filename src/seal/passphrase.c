/*
 * Passphrases; see passphrase.h.
 */
#include "seal/passphrase.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "seal/file_key.h"

_Static_assert(PASSPHRASE_KEY == CRYPTO_KEY, "the key of a stanza");

#define SALT	16

bool
passphrase_is(const struct stanza *s)
{
	return text_eq(s->args[0], TEXT("scrypt"));
}

static bool
read_salt(const struct stanza *s, uint8_t salt[SALT])
{
	uint8_t bytes[BASE64_ROOM(BASE64_LEN(SALT))];
	size_t n = sizeof(bytes);

	if (!base64_decode(s->args[1], bytes, &n) || n != SALT)
		return false;
	memcpy(salt, bytes, SALT);
	return true;
}

/* Decimal without leading zero, so never 0. */
static enum status
read_work_factor(const struct stanza *s, unsigned *log_n)
{
	struct text t = s->args[2];
	uint64_t v;

	if (t.p[0] == '0' || !text_parse_u64(t, UINT64_MAX, &v))
		return STATUS_HEADER;
	if (v > WORK_FACTOR_MAX)
		return STATUS_WORK_FACTOR;
	*log_n = (unsigned)v;
	return STATUS_OK;
}

enum status
passphrase_check(const struct stanza *s)
{
	uint8_t salt[SALT];
	unsigned log_n;

	if (s->n_args != 3 || s->n_body != WRAPPED_KEY || !read_salt(s, salt))
		return STATUS_HEADER;
	return read_work_factor(s, &log_n);
}

static bool
wrapping_key(const struct secret *passphrase, const uint8_t salt[SALT],
    unsigned log_n, uint8_t key[CRYPTO_KEY])
{
	static const char label[] = "age-encryption.org/v1/scrypt";
	uint8_t salted[sizeof(label) - 1 + SALT];

	memcpy(salted, label, sizeof(label) - 1);
	memcpy(salted + sizeof(label) - 1, salt, SALT);
	return crypto_scrypt((struct span){ secret_read(passphrase),
	    secret_len(passphrase) }, (struct span){ salted, sizeof(salted) },
	    log_n, key);
}

/* The digest that names a derived key in a memo. */
static bool
digest_of(const struct secret *passphrase, const uint8_t salt[SALT],
    unsigned log_n, uint8_t of[DIGEST_SIZE])
{
	const uint8_t factor = (uint8_t)log_n;
	const struct text parts[] = {
		{ .p = (const char *)salt, .n = SALT },
		{ .p = (const char *)&factor, .n = 1 },
		secret_text(passphrase),
	};
	struct secret *all = secret_join(parts, 3);
	bool good = digest_sha256(secret_read(all), secret_len(all), of);

	secret_free(all);
	return good;
}

static bool
recall_or_derive(const struct secret *passphrase, const uint8_t salt[SALT],
    unsigned log_n, const struct passphrase_memo *memo,
    uint8_t key[CRYPTO_KEY])
{
	uint8_t of[DIGEST_SIZE];

	if (memo == NULL)
		return wrapping_key(passphrase, salt, log_n, key);
	if (!digest_of(passphrase, salt, log_n, of))
		return false;
	if (memo->recall(memo->ctx, of, key))
		return true;
	if (!wrapping_key(passphrase, salt, log_n, key))
		return false;
	memo->note(memo->ctx, of, key);
	return true;
}

enum status
passphrase_unwrap(const struct stanza *s, const struct secret *passphrase,
    const struct passphrase_memo *memo, struct secret **file_key)
{
	uint8_t salt[SALT], key[CRYPTO_KEY];
	enum status status;
	unsigned log_n;

	if (!read_salt(s, salt))
		return STATUS_HEADER;
	if ((status = read_work_factor(s, &log_n)) != STATUS_OK)
		return status;
	if (!recall_or_derive(passphrase, salt, log_n, memo, key))
		return STATUS_CRYPTO;
	status = file_key_unwrap(s->body, key, NULL, file_key);
	explicit_bzero(key, sizeof(key));
	return status == STATUS_NO_MATCH ? STATUS_PASSPHRASE : status;
}

static void
write_stanza(struct buf *header, const uint8_t salt[SALT], unsigned log_n,
    const uint8_t wrapped[WRAPPED_KEY])
{
	char salt_text[BASE64_LEN(SALT)], factor[16];
	const struct text args[] = {
		TEXT("scrypt"),
		{ .p = salt_text, .n = sizeof(salt_text) },
		{ .p = factor, .n = (size_t)snprintf(factor, sizeof(factor),
		    "%u", log_n) },
	};

	base64_encode(salt, SALT, salt_text);
	header_write_stanza(header, args, 3,
	    (struct span){ wrapped, WRAPPED_KEY });
}

enum status
passphrase_wrap(const struct secret *file_key,
    const struct secret *passphrase, unsigned log_n, struct buf *header)
{
	uint8_t salt[SALT], key[CRYPTO_KEY], wrapped[WRAPPED_KEY];
	enum status status;

	assert(log_n >= 1 && log_n <= WORK_FACTOR_MAX);
	if (!crypto_random(salt, sizeof(salt)) ||
	    !wrapping_key(passphrase, salt, log_n, key))
		return STATUS_CRYPTO;
	status = file_key_wrap(file_key, key, NULL, wrapped);
	if (status == STATUS_OK)
		write_stanza(header, salt, log_n, wrapped);
	explicit_bzero(key, sizeof(key));
	return status;
}
