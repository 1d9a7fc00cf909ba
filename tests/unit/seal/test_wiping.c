/*
 * What sealing and opening leave in memory: nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "seal/bech32.h"
#include "seal/crypto.h"
#include "seal/mlkem.h"
#include "seal/seal.h"
#include "../../lib/asan.h"
#include "../../lib/needle.h"

#define CONTENT	((size_t)100000)
#define LOG_N	8

#define SKIP_UNDER_ASAN() do {						\
	print_message("skipped: AddressSanitizer keeps freed memory\n");	\
	skip();								\
} while (0)

#ifndef UNDER_ASAN
static struct secret *
random_secret(size_t n)
{
	struct secret *s = secret_new(n);

	assert_true(crypto_random(secret_bytes(s), n));
	return s;
}

static void
is_gone(const char *what, const struct needle *needle)
{
	size_t n = needle_count(needle);

	if (n != 0)
		print_error("%s is in memory %zu times\n", what, n);
	assert_int_equal(n, 0);
}

/* The beginning, and a part of the second chunk. */
static struct secret *
random_content(struct needle *first, struct needle *second)
{
	struct secret *content = random_secret(CONTENT);

	needle_make(first, secret_read(content), 40);
	needle_make(second, secret_read(content) + 80000, 40);
	return content;
}

static void
seal_and_open(const struct recipients *r, const struct identities *ids,
    bool armored, const struct secret *content)
{
	struct secret *plain;
	struct buf sealed;

	buf_init(&sealed, NULL);
	assert_int_equal(seal_close(r, armored, secret_read(content),
	    secret_len(content), &sealed), STATUS_OK);
	assert_int_equal(seal_open(ids, buf_data(&sealed), buf_len(&sealed),
	    &plain, NULL), STATUS_OK);
	assert_true(secret_equal(plain, content));
	secret_free(plain);
	buf_data(&sealed)[buf_len(&sealed) - 40] ^= 1;
	assert_int_not_equal(seal_open(ids, buf_data(&sealed),
	    buf_len(&sealed), &plain, NULL), STATUS_OK);
	buf_release(&sealed);
}

typedef enum status generate(int64_t, struct secret **, char *);

static struct identities *
random_identity(generate *how, struct text prefix, struct needle *text_needle,
    struct needle *secret_needle)
{
	struct identities *ids = identities_new();
	struct secret *text, *secret = secret_new(32);
	char recipient[RECIPIENT_TEXT];
	struct text line;
	unsigned number;

	assert_int_equal(how(0, &text, recipient), STATUS_OK);
	assert_int_equal(identities_parse(ids, secret_read(text),
	    secret_len(text), &number), STATUS_OK);
	line.p = memmem(secret_read(text), secret_len(text), "AGE-", 4);
	line.n = BECH32_LEN(prefix.n, 32);
	needle_make(text_needle, (const uint8_t *)line.p + prefix.n + 1,
	    40);
	assert_int_equal(bech32_decode(line, prefix, secret_bytes(secret),
	    32), BECH32_OK);
	needle_make(secret_needle, secret_read(secret), 32);
	secret_free(text);
	secret_free(secret);
	return ids;
}

static void
leaves_nothing(generate *how, struct text prefix)
{
	struct needle text, secret, first, second;
	struct identities *ids = random_identity(how, prefix, &text, &secret);
	struct secret *content = random_content(&first, &second);
	struct recipients *r = recipients_new();

	identities_add_recipients(ids, r);
	seal_and_open(r, ids, false, content);
	seal_and_open(r, ids, true, content);
	secret_free(content);
	recipients_free(r);
	identities_free(ids);
	is_gone("the identity's text", &text);
	is_gone("the identity", &secret);
	is_gone("the content's beginning", &first);
	is_gone("the content's second chunk", &second);
}
#endif

static void
a_copy_that_nobody_wiped_would_be_found(void **state)
{
	(void)state;
#ifdef UNDER_ASAN
	SKIP_UNDER_ASAN();
#else
	struct needle first, second;
	struct secret *content = random_content(&first, &second);
	struct buf copy;

	buf_init(&copy, NULL);
	buf_append(&copy, secret_read(content), secret_len(content));
	assert_true(needle_count(&first) >= 1);
	assert_true(needle_count(&second) >= 1);
	explicit_bzero(buf_data(&copy), buf_len(&copy));
	buf_release(&copy);
	secret_free(content);
	is_gone("the content's beginning", &first);
#endif
}

static void
neither_content_nor_identity_is_left_after_sealing_and_opening(void **state)
{
	(void)state;
#ifdef UNDER_ASAN
	SKIP_UNDER_ASAN();
#else
	leaves_nothing(identity_generate, TEXT("age-secret-key-"));
	if (mlkem_offered())
		leaves_nothing(identity_generate_hybrid,
		    TEXT("age-secret-key-pq-"));
	else
		print_message("post-quantum skipped: this libcrypto has no "
		    "ML-KEM\n");
#endif
}

static void
no_passphrase_is_left(void **state)
{
	(void)state;
#ifdef UNDER_ASAN
	SKIP_UNDER_ASAN();
#else
	struct needle needle, first, second;
	struct secret *passphrase = random_secret(48);
	struct secret *same = secret_new(48);
	struct secret *content = random_content(&first, &second);
	struct identities *ids = identities_new();
	struct recipients *r = recipients_new();

	memcpy(secret_bytes(same), secret_read(passphrase), 48);
	needle_make(&needle, secret_read(passphrase), 48);
	recipients_set_passphrase(r, passphrase, LOG_N);
	identities_set_passphrase(ids, same);
	seal_and_open(r, ids, false, content);
	secret_free(content);
	recipients_free(r);
	identities_free(ids);
	is_gone("the passphrase", &needle);
	is_gone("the content's beginning", &first);
	is_gone("the content's second chunk", &second);
#endif
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_that_nobody_wiped_would_be_found),
		cmocka_unit_test(
		    neither_content_nor_identity_is_left_after_sealing_and_opening),
		cmocka_unit_test(no_passphrase_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
