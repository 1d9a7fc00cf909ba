/*
 * Post-quantum identities and recipients, where the library has ML-KEM; and
 * that they are refused for what they are where it has not.
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
#include "seal/mlkem.h"
#include "seal/seal.h"

static const uint8_t content[] = "some content";

static struct identities *
parsed(struct secret *text)
{
	struct identities *ids = identities_new();
	unsigned line;

	assert_int_equal(identities_parse(ids, secret_read(text),
	    secret_len(text), &line), STATUS_OK);
	secret_free(text);
	return ids;
}

static struct identities *
new_hybrid(char *recipient)
{
	struct secret *text;

	assert_int_equal(identity_generate_hybrid(0, &text, recipient),
	    STATUS_OK);
	return parsed(text);
}

static struct identities *
new_x25519(char *recipient)
{
	struct secret *text;

	assert_int_equal(identity_generate(0, &text, recipient), STATUS_OK);
	return parsed(text);
}

static enum status
seal(const struct recipients *r, bool armored, struct buf *sealed)
{
	buf_init(sealed, NULL);
	return seal_close(r, armored, content, sizeof(content), sealed);
}

static enum status
opening(const struct identities *ids, const struct buf *sealed)
{
	struct secret *plain = NULL;
	enum status status = seal_open(ids, buf_data(sealed),
	    buf_len(sealed), &plain, NULL);

	if (status == STATUS_OK)
		assert_true(secret_equal_bytes(plain, content,
		    sizeof(content)));
	secret_free(plain);
	return status;
}

static void
a_new_identity_is_a_file_that_parses_and_names_its_recipient(void **state)
{
	struct identities *ids = identities_new();
	char recipient[RECIPIENT_TEXT], again[RECIPIENT_TEXT];
	struct recipients *r = recipients_new();
	struct secret *text;
	unsigned line;

	(void)state;
	assert_int_equal(identity_generate_hybrid(0, &text, recipient),
	    STATUS_OK);
	assert_non_null(memmem(secret_read(text), secret_len(text),
	    "\nAGE-SECRET-KEY-PQ-1", 20));
	assert_int_equal(secret_read(text)[secret_len(text) - 1], '\n');
	assert_int_equal(identities_parse(ids, secret_read(text),
	    secret_len(text), &line), STATUS_OK);
	identities_recipient(ids, 0, again);
	assert_string_equal(recipient, again);
	assert_int_equal(strncmp(recipient, "age1pq1", 7), 0);
	assert_int_equal(strlen(recipient), BECH32_LEN(6, XWING_KEY));
	assert_int_equal(recipients_add(r, text_of(recipient)), STATUS_OK);
	recipients_text(r, 0, again);
	assert_string_equal(recipient, again);
	recipients_free(r);
	secret_free(text);
	identities_free(ids);
}

static void
each_of_several_recipients_opens_and_nobody_else(void **state)
{
	char one[RECIPIENT_TEXT], two[RECIPIENT_TEXT], three[RECIPIENT_TEXT];
	struct identities *a, *b, *c, *old;
	struct recipients *r = recipients_new();
	struct buf sealed;

	(void)state;
	a = new_hybrid(one);
	b = new_hybrid(two);
	c = new_hybrid(three);
	old = new_x25519(three);
	identities_add_recipients(a, r);
	assert_int_equal(recipients_add(r, text_of(two)), STATUS_OK);
	for (int armored = 0; armored <= 1; armored++) {
		assert_int_equal(seal(r, armored != 0, &sealed), STATUS_OK);
		assert_int_equal(opening(a, &sealed), STATUS_OK);
		assert_int_equal(opening(b, &sealed), STATUS_OK);
		assert_int_equal(opening(c, &sealed), STATUS_NO_MATCH);
		assert_int_equal(opening(old, &sealed), STATUS_NO_MATCH);
		buf_release(&sealed);
	}
	recipients_free(r);
	identities_free(a);
	identities_free(b);
	identities_free(c);
	identities_free(old);
}

static void
no_altered_byte_of_a_header_opens(void **state)
{
	char recipient[RECIPIENT_TEXT];
	struct identities *ids;
	struct recipients *r = recipients_new();
	struct buf sealed;

	(void)state;
	ids = new_hybrid(recipient);
	identities_add_recipients(ids, r);
	assert_int_equal(seal(r, false, &sealed), STATUS_OK);
	for (size_t i = 0; i < buf_len(&sealed); i += 7) {
		buf_data(&sealed)[i] ^= 1;
		assert_int_not_equal(opening(ids, &sealed), STATUS_OK);
		buf_data(&sealed)[i] ^= 1;
	}
	assert_int_equal(opening(ids, &sealed), STATUS_OK);
	buf_release(&sealed);
	recipients_free(r);
	identities_free(ids);
}

static void
recipients_of_both_kinds_do_not_mix(void **state)
{
	char one[RECIPIENT_TEXT], two[RECIPIENT_TEXT];
	struct recipients *r = recipients_new();
	struct identities *ids;
	struct buf sealed;

	(void)state;
	identities_free(new_x25519(one));
	ids = new_hybrid(two);
	assert_int_equal(recipients_add(r, text_of(one)), STATUS_OK);
	identities_add_recipients(ids, r);
	assert_int_equal(seal(r, false, &sealed), STATUS_MIXED_RECIPIENTS);
	assert_int_equal(buf_len(&sealed), 0);
	buf_release(&sealed);
	recipients_free(r);
	identities_free(ids);
}

static void
identities_of_both_kinds_open_what_is_sealed_to_either(void **state)
{
	char one[RECIPIENT_TEXT], two[RECIPIENT_TEXT], file[3 * 2048];
	struct recipients *old = recipients_new(), *new = recipients_new();
	struct secret *first, *second;
	struct identities *ids = identities_new();
	struct buf sealed;
	unsigned line;
	int n;

	(void)state;
	assert_int_equal(identity_generate(0, &first, one), STATUS_OK);
	assert_int_equal(identity_generate_hybrid(0, &second, two),
	    STATUS_OK);
	n = snprintf(file, sizeof(file), "%.*s%.*s", (int)secret_len(first),
	    (const char *)secret_read(first), (int)secret_len(second),
	    (const char *)secret_read(second));
	assert_int_equal(identities_parse(ids, (const uint8_t *)file,
	    (size_t)n, &line), STATUS_OK);
	assert_int_equal(identities_count(ids), 2);
	assert_int_equal(recipients_add(old, text_of(one)), STATUS_OK);
	assert_int_equal(recipients_add(new, text_of(two)), STATUS_OK);
	assert_int_equal(seal(old, false, &sealed), STATUS_OK);
	assert_int_equal(opening(ids, &sealed), STATUS_OK);
	buf_release(&sealed);
	assert_int_equal(seal(new, false, &sealed), STATUS_OK);
	assert_int_equal(opening(ids, &sealed), STATUS_OK);
	buf_release(&sealed);
	explicit_bzero(file, sizeof(file));
	secret_free(first);
	secret_free(second);
	recipients_free(old);
	recipients_free(new);
	identities_free(ids);
}

static void
what_cannot_be_a_recipient_is_told_from_a_mistyped_one(void **state)
{
	char recipient[RECIPIENT_TEXT];
	struct recipients *r = recipients_new();
	uint8_t key[XWING_KEY];

	(void)state;
	identities_free(new_hybrid(recipient));
	assert_int_equal(bech32_decode(text_of(recipient), TEXT("age1pq"),
	    key, sizeof(key)), BECH32_OK);
	recipient[900] = recipient[900] == 'q' ? 'p' : 'q';
	assert_int_equal(recipients_add(r, text_of(recipient)),
	    STATUS_MISTYPED_RECIPIENT);
	/* The first coefficient is not reduced: 4095. */
	key[0] = 0xff;
	key[1] |= 0x0f;
	bech32_encode(TEXT("age1pq"), key, sizeof(key), recipient);
	assert_int_equal(recipients_add(r, text_of(recipient)),
	    STATUS_BAD_RECIPIENT);
	bech32_encode(TEXT("age1pq"), key, sizeof(key) - 1, recipient);
	assert_int_equal(recipients_add(r, text_of(recipient)),
	    STATUS_BAD_RECIPIENT);
	assert_int_equal(recipients_count(r), 0);
	recipients_free(r);
}

static void
a_recipient_whose_point_is_of_small_order_is_refused(void **state)
{
	struct recipients *r = recipients_new();
	char recipient[RECIPIENT_TEXT];
	uint8_t key[XWING_KEY];
	struct buf sealed;

	(void)state;
	identities_free(new_hybrid(recipient));
	assert_int_equal(bech32_decode(text_of(recipient), TEXT("age1pq"),
	    key, sizeof(key)), BECH32_OK);
	memset(key + MLKEM_KEY, 0, CRYPTO_POINT);
	bech32_encode(TEXT("age1pq"), key, sizeof(key), recipient);
	assert_int_equal(recipients_add(r, text_of(recipient)), STATUS_OK);
	assert_int_equal(seal(r, false, &sealed), STATUS_BAD_RECIPIENT);
	buf_release(&sealed);
	recipients_free(r);
}

static void
without_mlkem_they_are_refused_for_what_they_are(void **state)
{
	static const char identity[] = "AGE-SECRET-KEY-PQ-1QQQQ";
	struct identities *ids = identities_new();
	struct recipients *r = recipients_new();
	char recipient[RECIPIENT_TEXT];
	struct secret *text;
	unsigned line;

	(void)state;
	assert_int_equal(recipients_add(r, TEXT("age1pq1qqqq")),
	    STATUS_NO_MLKEM);
	assert_int_equal(identities_parse(ids, (const uint8_t *)identity,
	    sizeof(identity) - 1, &line), STATUS_NO_MLKEM);
	assert_int_equal(line, 1);
	assert_int_equal(identity_generate_hybrid(0, &text, recipient),
	    STATUS_NO_MLKEM);
	recipients_free(r);
	identities_free(ids);
}

int
main(void)
{
	const struct CMUnitTest with[] = {
		cmocka_unit_test(
		    a_new_identity_is_a_file_that_parses_and_names_its_recipient),
		cmocka_unit_test(
		    each_of_several_recipients_opens_and_nobody_else),
		cmocka_unit_test(no_altered_byte_of_a_header_opens),
		cmocka_unit_test(recipients_of_both_kinds_do_not_mix),
		cmocka_unit_test(
		    identities_of_both_kinds_open_what_is_sealed_to_either),
		cmocka_unit_test(
		    what_cannot_be_a_recipient_is_told_from_a_mistyped_one),
		cmocka_unit_test(
		    a_recipient_whose_point_is_of_small_order_is_refused),
	};
	const struct CMUnitTest without[] = {
		cmocka_unit_test(
		    without_mlkem_they_are_refused_for_what_they_are),
	};

	if (mlkem_offered())
		return cmocka_run_group_tests(with, NULL, NULL);
	print_message("post-quantum sealing and opening skipped: this "
	    "libcrypto has no ML-KEM\n");
	return cmocka_run_group_tests(without, NULL, NULL);
}
