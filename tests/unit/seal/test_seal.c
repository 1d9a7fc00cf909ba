/*
 * Whole sealed files: those of Debian's age, cut and altered ones, and new
 * identities.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "seal/opener.h"
#include "seal/seal.h"
#include "by_age.h"

static struct buf
seal_to(const char *recipient, const uint8_t *p, size_t n)
{
	char options[RECIPIENT_TEXT + 8];

	snprintf(options, sizeof(options), "-r %s", recipient);
	return age_seal(options, p, n);
}

static enum status
opened(const struct identities *ids, const uint8_t *p, size_t n)
{
	struct secret *plain = NULL;
	enum status status = seal_open(ids, p, n, &plain, NULL);

	assert_true(status == STATUS_OK || plain == NULL);
	secret_free(plain);
	return status;
}

static void
a_new_identity_is_a_file_that_parses_and_names_its_recipient(void **state)
{
	struct identities *ids = identities_new();
	char recipient[RECIPIENT_TEXT], again[RECIPIENT_TEXT];
	struct secret *text;
	unsigned line;

	(void)state;
	assert_int_equal(identity_generate(1764000000, &text, recipient),
	    STATUS_OK);
	assert_non_null(memmem(secret_read(text), secret_len(text),
	    "# created: 2025-11-24T16:00:00Z\n# public key: age1", 50));
	assert_int_equal(identities_parse(ids, secret_read(text),
	    secret_len(text), &line), STATUS_OK);
	assert_int_equal(identities_count(ids), 1);
	identities_recipient(ids, 0, again);
	assert_string_equal(recipient, again);
	secret_free(text);
	identities_free(ids);
}

static void
age_keygen_agrees_on_the_recipient_of_a_new_identity(void **state)
{
	char recipient[RECIPIENT_TEXT];
	struct secret *text;
	struct buf b;

	(void)state;
	SKIP_WITHOUT_AGE();
	assert_int_equal(identity_generate(0, &text, recipient), STATUS_OK);
	b = filter("exec age-keygen -y", secret_read(text), secret_len(text));
	assert_int_equal(buf_len(&b), strlen(recipient) + 1);
	assert_memory_equal(buf_data(&b), recipient, strlen(recipient));
	buf_release(&b);
	secret_free(text);
}

static void
an_identity_of_age_keygen_opens_what_age_sealed_to_it(void **state)
{
	struct identities *ids = identities_new();
	struct buf file, sealed;
	struct secret *plain;
	char recipient[RECIPIENT_TEXT];
	unsigned line;

	(void)state;
	SKIP_WITHOUT_AGE();
	file = filter("exec age-keygen 2>/dev/null", NULL, 0);
	assert_int_equal(identities_parse(ids, buf_data(&file),
	    buf_len(&file), &line), STATUS_OK);
	identities_recipient(ids, 0, recipient);
	sealed = seal_to(recipient, (const uint8_t *)"hello", 5);
	assert_int_equal(seal_open(ids, buf_data(&sealed), buf_len(&sealed),
	    &plain, NULL), STATUS_OK);
	assert_true(secret_equal_bytes(plain, "hello", 5));
	secret_free(plain);
	buf_release(&file);
	buf_release(&sealed);
	identities_free(ids);
}

static void
what_age_sealed_opens_at_every_size_around_the_chunk_borders(void **state)
{
	static const size_t sizes[] = { 0, 1, 65519, 65520, 65535, 65536,
	    65537, 131071, 131072, 131073, 1000000 };
	char recipient[RECIPIENT_TEXT];
	struct identities *ids = new_identity(recipient);
	uint8_t *p = pattern(1000000);
	struct secret *plain;
	struct buf sealed;

	(void)state;
	SKIP_WITHOUT_AGE();
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		sealed = seal_to(recipient, p, sizes[i]);
		assert_int_equal(seal_open(ids, buf_data(&sealed),
		    buf_len(&sealed), &plain, NULL), STATUS_OK);
		assert_true(secret_equal_bytes(plain, p, sizes[i]));
		secret_free(plain);
		buf_release(&sealed);
	}
	free(p);
	identities_free(ids);
}

static void
a_file_for_somebody_else_does_not_open(void **state)
{
	char recipient[RECIPIENT_TEXT], other[RECIPIENT_TEXT];
	struct identities *ids = new_identity(recipient);
	struct identities *others = new_identity(other);
	struct buf sealed;

	(void)state;
	SKIP_WITHOUT_AGE();
	sealed = seal_to(recipient, (const uint8_t *)"x", 1);
	assert_int_equal(opened(others, buf_data(&sealed), buf_len(&sealed)),
	    STATUS_NO_MATCH);
	buf_release(&sealed);
	identities_free(ids);
	identities_free(others);
}

static void
a_file_cut_anywhere_does_not_open(void **state)
{
	char recipient[RECIPIENT_TEXT];
	struct identities *ids = new_identity(recipient);
	struct buf sealed;
	uint8_t *p = pattern(300);

	(void)state;
	SKIP_WITHOUT_AGE();
	sealed = seal_to(recipient, p, 300);
	for (size_t n = 0; n < buf_len(&sealed); n++)
		assert_int_not_equal(opened(ids, buf_data(&sealed), n),
		    STATUS_OK);
	assert_int_equal(opened(ids, buf_data(&sealed), 0), STATUS_NOT_AGE);
	assert_int_equal(opened(ids, buf_data(&sealed), buf_len(&sealed) - 1),
	    STATUS_PAYLOAD);
	assert_int_equal(opened(ids, buf_data(&sealed), 100), STATUS_HEADER);
	buf_release(&sealed);
	free(p);
	identities_free(ids);
}

static void
a_file_with_any_bit_turned_does_not_open(void **state)
{
	char recipient[RECIPIENT_TEXT];
	struct identities *ids = new_identity(recipient);
	struct buf sealed;

	(void)state;
	SKIP_WITHOUT_AGE();
	sealed = seal_to(recipient, (const uint8_t *)"some words", 10);
	for (size_t i = 0; i < 8 * buf_len(&sealed); i++) {
		buf_data(&sealed)[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_int_not_equal(opened(ids, buf_data(&sealed),
		    buf_len(&sealed)), STATUS_OK);
		buf_data(&sealed)[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	assert_int_equal(opened(ids, buf_data(&sealed), buf_len(&sealed)),
	    STATUS_OK);
	buf_release(&sealed);
	identities_free(ids);
}

struct pieces {
	struct buf b;
};

static enum status
keep(void *ctx, const uint8_t *p, size_t n)
{
	struct pieces *k = ctx;

	buf_append(&k->b, p, n);
	return STATUS_OK;
}

static void
pieces_of_any_size_give_the_same_content(void **state)
{
	static const size_t steps[] = { 1, 7, 64, 65536, 65552, 100000 };
	char recipient[RECIPIENT_TEXT];
	struct identities *ids = new_identity(recipient);
	uint8_t *p = pattern(200000);
	struct buf sealed;

	(void)state;
	SKIP_WITHOUT_AGE();
	sealed = seal_to(recipient, p, 200000);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct pieces k;
		struct seal_writer out = { .write = keep, .ctx = &k };
		struct opener *o = opener_new(ids);
		size_t at = 0, n;

		buf_init(&k.b, NULL);
		for (; at < buf_len(&sealed); at += n) {
			n = buf_len(&sealed) - at;
			n = n < steps[i] ? n : steps[i];
			assert_int_equal(opener_push(o, buf_data(&sealed) + at,
			    n, out), STATUS_OK);
		}
		assert_int_equal(opener_end(o, out), STATUS_OK);
		assert_int_equal(buf_len(&k.b), 200000);
		assert_memory_equal(buf_data(&k.b), p, 200000);
		buf_release(&k.b);
		opener_free(o);
	}
	buf_release(&sealed);
	free(p);
	identities_free(ids);
}

static enum status
full(void *ctx, const uint8_t *p, size_t n)
{
	(void)ctx;
	(void)p;
	(void)n;
	return STATUS_SYSTEM;
}

static void
what_the_writer_says_went_wrong_is_the_result(void **state)
{
	char recipient[RECIPIENT_TEXT];
	struct identities *ids = new_identity(recipient);
	struct opener *o = opener_new(ids);
	struct seal_writer out = { .write = full };
	struct buf sealed;

	(void)state;
	SKIP_WITHOUT_AGE();
	sealed = seal_to(recipient, (const uint8_t *)"x", 1);
	assert_int_equal(opener_push(o, buf_data(&sealed), buf_len(&sealed),
	    out), STATUS_OK);
	assert_int_equal(opener_end(o, out), STATUS_SYSTEM);
	assert_int_equal(opener_end(o, out), STATUS_SYSTEM);
	opener_free(o);
	buf_release(&sealed);
	identities_free(ids);
}

static void
what_is_not_an_age_file_is_called_so(void **state)
{
	struct identities *ids = identities_new();

	(void)state;
	assert_int_equal(opened(ids, (const uint8_t *)"keys = ();\n", 11),
	    STATUS_NOT_AGE);
	assert_int_equal(opened(ids, (const uint8_t *)"age-enc", 7),
	    STATUS_NOT_AGE);
	assert_int_equal(opened(ids,
	    (const uint8_t *)"age-encryption.org/v0\n", 22), STATUS_HEADER);
	assert_int_equal(opened(ids,
	    (const uint8_t *)"age-encryption.org/1\n", 21), STATUS_HEADER);
	assert_true(seal_is_sealed(
	    (const uint8_t *)"age-encryption.org/v1\n", 22));
	assert_false(seal_is_sealed((const uint8_t *)"keys = ();\n", 11));
	assert_false(seal_is_sealed(NULL, 0));
	identities_free(ids);
}

static void
a_newer_version_of_the_format_is_called_so(void **state)
{
	static const struct {
		const char *text;
		unsigned version;
	} newer[] = {
		{ "age-encryption.org/v2\n-> X\n", 2 },
		{ "age-encryption.org/v10\n", 10 },
		{ "age-encryption.org/v9\n", 9 },
		{ "age-encryption.org/v9a\n", 9 },
	};
	struct identities *ids = identities_new();
	struct secret *plain = NULL;
	struct seal_fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(newer) / sizeof(newer[0]); i++) {
		assert_int_equal(seal_open(ids,
		    (const uint8_t *)newer[i].text, strlen(newer[i].text),
		    &plain, &fault), STATUS_VERSION);
		assert_int_equal(fault.version, newer[i].version);
	}
	identities_free(ids);
}

static void
a_mistyped_line_of_an_identity_file_is_told_from_another_text(void **state)
{
	struct identities *ids = identities_new();
	char recipient[RECIPIENT_TEXT], *file;
	struct secret *text;
	unsigned line;
	size_t n;

	(void)state;
	assert_int_equal(identity_generate(0, &text, recipient), STATUS_OK);
	file = (char *)secret_bytes(text);
	n = secret_len(text);
	file[n - 5] = file[n - 5] != 'Q' ? 'Q' : 'P';
	assert_int_equal(identities_parse(ids, secret_read(text), n, &line),
	    STATUS_MISTYPED_IDENTITY);
	assert_int_equal(line, 3);
	file[n - 5] = 'B';
	assert_int_equal(identities_parse(ids, secret_read(text), n, &line),
	    STATUS_BAD_IDENTITY);
	secret_free(text);
	identities_free(ids);
}

static void
a_header_without_end_is_refused_before_it_fills_memory(void **state)
{
	struct identities *ids = identities_new();
	struct opener *o = opener_new(ids);
	struct seal_writer out = { .write = full };
	uint8_t line[1024];
	enum status status;
	unsigned i;

	(void)state;
	memset(line, 'a', sizeof(line));
	status = opener_push(o, (const uint8_t *)HEADER_VERSION "-> ", 25,
	    out);
	for (i = 0; i < 2000 && status == STATUS_OK; i++)
		status = opener_push(o, line, sizeof(line), out);
	assert_int_equal(status, STATUS_HEADER);
	assert_in_range(i, 1023, 1025);
	opener_free(o);
	identities_free(ids);
}

static void
a_bad_line_of_an_identity_file_is_named_and_nothing_added(void **state)
{
	struct identities *ids = identities_new();
	char file[2 * RECIPIENT_TEXT], recipient[RECIPIENT_TEXT];
	struct secret *text;
	unsigned line = 7;
	int n;

	(void)state;
	assert_int_equal(identity_generate(0, &text, recipient), STATUS_OK);
	n = snprintf(file, sizeof(file), "%.*s\r\n\n# mine\n%s\n",
	    (int)secret_len(text), (const char *)secret_read(text),
	    recipient);
	assert_int_equal(identities_parse(ids, (const uint8_t *)file,
	    (size_t)n, &line), STATUS_IS_RECIPIENT);
	assert_int_equal(line, 7);
	assert_int_equal(identities_count(ids), 0);
	assert_int_equal(identities_parse(ids, (const uint8_t *)"# none\n", 7,
	    &line), STATUS_BAD_IDENTITY);
	assert_int_equal(line, 0);
	explicit_bzero(file, sizeof(file));
	secret_free(text);
	identities_free(ids);
}

static enum status
ignore(void *ctx, const uint8_t *p, size_t n)
{
	(void)ctx;
	(void)p;
	(void)n;
	return STATUS_OK;
}

/* Whatever the pieces; in UTF-16 where big or little says so. */
static enum status
opened_as(const struct identities *ids, const char *before,
    const struct buf *sealed, size_t piece, bool utf16)
{
	struct opener *o = opener_new(ids);
	struct seal_writer out = { .write = ignore };
	size_t n = strlen(before) + (utf16 ? 2 : 1) * buf_len(sealed);
	uint8_t *all = calloc(1, n + 1);
	enum status status = STATUS_OK;

	memcpy(all, before, strlen(before));
	for (size_t i = 0; i < buf_len(sealed); i++)
		all[strlen(before) + (utf16 ? 2 * i : i)] =
		    buf_data(sealed)[i];
	for (size_t i = 0; i < n && status == STATUS_OK; i += piece)
		status = opener_push(o, all + i, n - i < piece ? n - i :
		    piece, out);
	if (status == STATUS_OK)
		status = opener_end(o, out);
	free(all);
	opener_free(o);
	return status;
}

static void
armor_that_went_through_windows_opens_or_is_named(void **state)
{
	static const size_t pieces[] = { 1, 2, 3, 4, 1000000 };
	char recipient[RECIPIENT_TEXT];
	struct identities *ids = new_identity(recipient);
	struct recipients *to = recipients_new();
	struct buf sealed;

	(void)state;
	buf_init(&sealed, NULL);
	assert_int_equal(recipients_add(to, text_of(recipient)), STATUS_OK);
	assert_int_equal(seal_close(to, true, (const uint8_t *)"x", 1,
	    &sealed), STATUS_OK);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		assert_int_equal(opened_as(ids, "", &sealed, pieces[i],
		    false), STATUS_OK);
		assert_int_equal(opened_as(ids, "\xef\xbb\xbf", &sealed,
		    pieces[i], false), STATUS_OK);
		assert_int_equal(opened_as(ids, "\xef\xbb", &sealed,
		    pieces[i], false), STATUS_NOT_AGE);
		assert_int_equal(opened_as(ids, "\xff\xfe", &sealed,
		    pieces[i], true), STATUS_UTF16);
		assert_int_equal(opened_as(ids, "", &sealed, pieces[i],
		    true), STATUS_UTF16);
	}
	buf_release(&sealed);
	recipients_free(to);
	identities_free(ids);
}

static void
keys_of_other_programs_are_called_what_they_are(void **state)
{
	static const struct {
		const char *line;
		enum status as_identity, as_recipient;
	} lines[] = {
		{ "-----BEGIN OPENSSH PRIVATE KEY-----",
		    STATUS_SSH_IDENTITY, STATUS_SSH_IDENTITY },
		{ "-----BEGIN RSA PRIVATE KEY-----",
		    STATUS_SSH_IDENTITY, STATUS_SSH_IDENTITY },
		{ "-----BEGIN CERTIFICATE-----", STATUS_PEM, STATUS_PEM },
		{ "ssh-ed25519 AAAA me@here",
		    STATUS_SSH_RECIPIENT, STATUS_SSH_RECIPIENT },
		{ "sk-ecdsa-sha2-nistp256@openssh.com AAAA",
		    STATUS_SSH_RECIPIENT, STATUS_SSH_RECIPIENT },
		{ "AGE-PLUGIN-YUBIKEY-1QQQQ",
		    STATUS_PLUGIN_IDENTITY, STATUS_PLUGIN_IDENTITY },
		{ "age1yubikey1qqqq",
		    STATUS_PLUGIN_RECIPIENT, STATUS_PLUGIN_RECIPIENT },
		{ "age1qqqq", STATUS_IS_RECIPIENT, STATUS_BAD_RECIPIENT },
		{ "AGE-SECRET-KEY-1QQQQ",
		    STATUS_BAD_IDENTITY, STATUS_IS_IDENTITY },
		{ "hello", STATUS_BAD_IDENTITY, STATUS_BAD_RECIPIENT },
	};
	struct identities *ids = identities_new();
	struct recipients *to = recipients_new();
	unsigned line;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const uint8_t *p = (const uint8_t *)lines[i].line;
		size_t n = strlen(lines[i].line);

		assert_int_equal(identities_parse(ids, p, n, &line),
		    lines[i].as_identity);
		assert_int_equal(recipients_parse(to, p, n, &line),
		    lines[i].as_recipient);
	}
	assert_int_equal(identities_parse(ids, (const uint8_t *)
	    "#\0 \0x\0\n\0", 8, &line), STATUS_UTF16);
	assert_int_equal(recipients_parse(to, (const uint8_t *)
	    "\0a\0g\0e\0001", 8, &line), STATUS_UTF16);
	recipients_free(to);
	identities_free(ids);
}

static void
a_byte_order_mark_before_identities_and_recipients_is_passed_over(void **s)
{
	struct identities *ids = identities_new();
	struct recipients *to = recipients_new();
	char recipient[RECIPIENT_TEXT], file[RECIPIENT_TEXT + 4];
	struct secret *text, *marked;
	unsigned line;

	(void)s;
	assert_int_equal(identity_generate(0, &text, recipient), STATUS_OK);
	marked = secret_join((const struct text[]){ TEXT("\xef\xbb\xbf"),
	    secret_text(text) }, 2);
	assert_int_equal(identities_parse(ids, secret_read(marked),
	    secret_len(marked), &line), STATUS_OK);
	snprintf(file, sizeof(file), "\xef\xbb\xbf%s", recipient);
	assert_int_equal(recipients_parse(to, (const uint8_t *)file,
	    strlen(file), &line), STATUS_OK);
	secret_free(marked);
	secret_free(text);
	recipients_free(to);
	identities_free(ids);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_new_identity_is_a_file_that_parses_and_names_its_recipient),
		cmocka_unit_test(
		    age_keygen_agrees_on_the_recipient_of_a_new_identity),
		cmocka_unit_test(
		    an_identity_of_age_keygen_opens_what_age_sealed_to_it),
		cmocka_unit_test(
		    what_age_sealed_opens_at_every_size_around_the_chunk_borders),
		cmocka_unit_test(a_file_for_somebody_else_does_not_open),
		cmocka_unit_test(a_file_cut_anywhere_does_not_open),
		cmocka_unit_test(a_file_with_any_bit_turned_does_not_open),
		cmocka_unit_test(pieces_of_any_size_give_the_same_content),
		cmocka_unit_test(what_the_writer_says_went_wrong_is_the_result),
		cmocka_unit_test(what_is_not_an_age_file_is_called_so),
		cmocka_unit_test(a_newer_version_of_the_format_is_called_so),
		cmocka_unit_test(
		    a_mistyped_line_of_an_identity_file_is_told_from_another_text),
		cmocka_unit_test(
		    a_header_without_end_is_refused_before_it_fills_memory),
		cmocka_unit_test(
		    a_bad_line_of_an_identity_file_is_named_and_nothing_added),
		cmocka_unit_test(
		    armor_that_went_through_windows_opens_or_is_named),
		cmocka_unit_test(
		    keys_of_other_programs_are_called_what_they_are),
		cmocka_unit_test(
		    a_byte_order_mark_before_identities_and_recipients_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
