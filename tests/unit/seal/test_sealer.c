/*
 * Sealing: to recipients and passphrases, by us and by the system's age in
 * both directions, as streams.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "seal/opener.h"
#include "seal/passphrase.h"
#include "seal/seal.h"
#include "seal/sealer.h"
#include "../../lib/asan.h"
#include "by_age.h"

/* Cheap, for tests only. */
#define LOG_N	8

static const size_t sizes[] = { 0, 1, 47, 48, 49, 65535, 65536, 65537, 131072,
    131073, 3000000 };
#define N_SIZES	(sizeof(sizes) / sizeof(sizes[0]))

static struct secret *
secret_of(const char *s)
{
	return secret_copy(s, strlen(s));
}

static void
opens_to(const struct identities *ids, const struct buf *sealed,
    const uint8_t *p, size_t n)
{
	struct secret *plain;

	assert_int_equal(seal_open(ids, buf_data(sealed), buf_len(sealed),
	    &plain, NULL), STATUS_OK);
	assert_true(secret_equal_bytes(plain, p, n));
	secret_free(plain);
}

static enum status
opening(const struct identities *ids, const struct buf *sealed)
{
	struct secret *plain = NULL;
	enum status status = seal_open(ids, buf_data(sealed),
	    buf_len(sealed), &plain, NULL);

	secret_free(plain);
	return status;
}

static struct buf
seal(const struct recipients *r, bool armored, const uint8_t *p, size_t n)
{
	struct buf sealed;

	buf_init(&sealed, NULL);
	assert_int_equal(seal_close(r, armored, p, n, &sealed), STATUS_OK);
	return sealed;
}

static void
one_to_five_recipients_each_open_what_was_sealed_to_all(void **state)
{
	struct identities *ids[5];
	struct recipients *r = recipients_new();
	uint8_t *p = pattern(sizes[N_SIZES - 1]);
	char recipient[RECIPIENT_TEXT];
	struct buf sealed;

	(void)state;
	for (size_t n = 0; n < 5; n++) {
		ids[n] = new_identity(recipient);
		assert_int_equal(recipients_add(r, text_of(recipient)),
		    STATUS_OK);
		for (size_t i = 0; i < N_SIZES; i++) {
			sealed = seal(r, i % 2 != n % 2, p, sizes[i]);
			for (size_t k = 0; k <= n; k += n != 0 ? n : 1)
				opens_to(ids[k], &sealed, p, sizes[i]);
			buf_release(&sealed);
		}
	}
	for (size_t n = 0; n < 5; n++)
		identities_free(ids[n]);
	recipients_free(r);
	free(p);
}

static void
age_opens_what_we_sealed(void **state)
{
	struct recipients *r = recipients_new();
	uint8_t *p = pattern(sizes[N_SIZES - 1]);
	char other[RECIPIENT_TEXT];
	struct age_user user;
	struct buf sealed;

	(void)state;
	SKIP_WITHOUT_AGE();
	age_user_init(&user);
	identities_free(new_identity(other));
	assert_int_equal(recipients_add(r, text_of(other)), STATUS_OK);
	identities_add_recipients(user.ids, r);
	assert_int_equal(recipients_count(r), 2);
	for (size_t i = 0; i < 2 * N_SIZES; i++) {
		sealed = seal(r, i % 2, p, sizes[i / 2]);
		age_opens(&user, &sealed, p, sizes[i / 2]);
		buf_release(&sealed);
	}
	age_user_release(&user);
	free(p);
	recipients_free(r);
}

static void
we_open_what_age_sealed_armored_and_to_several(void **state)
{
	char recipient[RECIPIENT_TEXT], other[RECIPIENT_TEXT];
	char options[4 * RECIPIENT_TEXT];
	struct identities *ids = new_identity(recipient);
	uint8_t *p = pattern(sizes[N_SIZES - 1]);
	struct buf sealed;

	(void)state;
	SKIP_WITHOUT_AGE();
	identities_free(new_identity(other));
	for (size_t i = 0; i < 2 * N_SIZES; i++) {
		snprintf(options, sizeof(options), "%s -r %s -r %s -r %s",
		    i % 2 != 0 ? "-a" : "", other, other, recipient);
		sealed = age_seal(options, p, sizes[i / 2]);
		opens_to(ids, &sealed, p, sizes[i / 2]);
		buf_release(&sealed);
	}
	free(p);
	identities_free(ids);
}

static void
sixty_four_mebibytes_go_both_ways(void **state)
{
	const size_t n = (size_t)64 << 20;
	struct recipients *r = recipients_new();
	char options[RECIPIENT_TEXT + 8];
	struct age_user user;
	struct buf sealed;
	uint8_t *p;

	(void)state;
	SKIP_WITHOUT_AGE();
	age_user_init(&user);
	identities_add_recipients(user.ids, r);
	p = pattern(n);
	sealed = seal(r, false, p, n);
	age_opens(&user, &sealed, p, n);
	buf_release(&sealed);
	snprintf(options, sizeof(options), "-a -r %s", user.recipient);
	sealed = age_seal(options, p, n);
	opens_to(user.ids, &sealed, p, n);
	buf_release(&sealed);
	age_user_release(&user);
	free(p);
	recipients_free(r);
}

static void
a_passphrase_opens_and_another_or_none_does_not(void **state)
{
	struct recipients *r = recipients_new();
	struct identities *ids = identities_new();
	struct buf sealed;

	(void)state;
	recipients_set_passphrase(r, secret_of("correct horse"), LOG_N);
	sealed = seal(r, true, (const uint8_t *)"x", 1);
	assert_int_equal(opening(ids, &sealed), STATUS_NEEDS_PASSPHRASE);
	identities_set_passphrase(ids, secret_of("wrong horse"));
	assert_int_equal(opening(ids, &sealed), STATUS_PASSPHRASE);
	identities_set_passphrase(ids, secret_of("correct horse"));
	opens_to(ids, &sealed, (const uint8_t *)"x", 1);
	buf_release(&sealed);
	recipients_free(r);
	identities_free(ids);
}

static struct secret *
answer(void *ctx)
{
	unsigned *asked = ctx;

	++*asked;
	return *asked <= 2 ? secret_of(*asked == 1 ? "horse" : "cow") : NULL;
}

static void
a_passphrase_is_asked_for_once_and_only_where_it_is_needed(void **state)
{
	struct recipients *r = recipients_new(), *other = recipients_new();
	char recipient[RECIPIENT_TEXT];
	struct identities *ids = new_identity(recipient);
	struct buf sealed, plain_one;
	unsigned asked = 0;

	(void)state;
	identities_ask_passphrase(ids,
	    (struct passphrase_source){ .ask = answer, .ctx = &asked });
	identities_add_recipients(ids, other);
	plain_one = seal(other, false, (const uint8_t *)"x", 1);
	opens_to(ids, &plain_one, (const uint8_t *)"x", 1);
	assert_int_equal(asked, 0);
	recipients_set_passphrase(r, secret_of("horse"), LOG_N);
	sealed = seal(r, false, (const uint8_t *)"x", 1);
	opens_to(ids, &sealed, (const uint8_t *)"x", 1);
	opens_to(ids, &sealed, (const uint8_t *)"x", 1);
	assert_int_equal(asked, 1);
	buf_release(&sealed);
	buf_release(&plain_one);
	recipients_free(r);
	recipients_free(other);
	identities_free(ids);
}

static struct buf
sealed_with(const char *passphrase)
{
	struct recipients *r = recipients_new();
	struct buf sealed;

	recipients_set_passphrase(r, secret_of(passphrase), LOG_N);
	sealed = seal(r, false, (const uint8_t *)"x", 1);
	recipients_free(r);
	return sealed;
}

static void
a_file_with_another_passphrase_is_asked_about_on_its_own(void **state)
{
	struct identities *ids = identities_new();
	struct buf first = sealed_with("horse"), second = sealed_with("cow"),
	    third = sealed_with("pig");
	unsigned asked = 0;

	(void)state;
	identities_ask_passphrase(ids,
	    (struct passphrase_source){ .ask = answer, .ctx = &asked });
	assert_null(identities_passphrase(ids));
	opens_to(ids, &first, (const uint8_t *)"x", 1);
	assert_true(secret_equal_bytes(identities_passphrase(ids), "horse",
	    5));
	opens_to(ids, &second, (const uint8_t *)"x", 1);
	opens_to(ids, &second, (const uint8_t *)"x", 1);
	assert_int_equal(asked, 2);
	assert_true(secret_equal_bytes(identities_passphrase(ids), "cow", 3));
	assert_int_equal(opening(ids, &third), STATUS_PASSPHRASE);
	assert_int_equal(asked, 3);
	buf_release(&first);
	buf_release(&second);
	buf_release(&third);
	identities_free(ids);
}

struct more {
	struct identities *to;
	struct secret *text;
	unsigned calls;
};

static bool
find(void *ctx)
{
	struct more *m = ctx;
	unsigned line;

	if (m->calls++ != 0)
		return false;
	return identities_parse(m->to, secret_read(m->text),
	    secret_len(m->text), &line) == STATUS_OK;
}

static void
more_identities_are_looked_for_where_none_opens_a_file(void **state)
{
	struct identities *ids = identities_new();
	struct recipients *r = recipients_new();
	struct more more = { .to = ids };
	char recipient[RECIPIENT_TEXT];
	struct buf sealed, by_passphrase = sealed_with("horse");

	(void)state;
	assert_int_equal(identity_generate(0, &more.text, recipient),
	    STATUS_OK);
	assert_int_equal(recipients_add(r, text_of(recipient)), STATUS_OK);
	sealed = seal(r, false, (const uint8_t *)"x", 1);
	identities_find_more(ids,
	    (struct identity_source){ .find = find, .ctx = &more });
	identities_set_passphrase(ids, secret_of("horse"));
	opens_to(ids, &by_passphrase, (const uint8_t *)"x", 1);
	assert_int_equal(more.calls, 0);
	opens_to(ids, &sealed, (const uint8_t *)"x", 1);
	opens_to(ids, &sealed, (const uint8_t *)"x", 1);
	assert_int_equal(more.calls, 1);
	recipients_free(r);
	buf_release(&sealed);
	buf_release(&by_passphrase);
	secret_free(more.text);
	identities_free(ids);
}

static void
the_largest_work_factor_has_its_memory_and_the_next_is_refused(void **state)
{
	struct recipients *r = recipients_new();
	struct identities *ids = identities_new();
	struct buf sealed;
	char *at;

	(void)state;
	identities_set_passphrase(ids, secret_of("horse"));
	recipients_set_passphrase(r, secret_of("horse"), WORK_FACTOR_MAX);
	sealed = seal(r, false, (const uint8_t *)"x", 1);
	at = memmem(buf_data(&sealed), buf_len(&sealed), " 20\n", 4);
	assert_non_null(at);
	at[2] = '1';
	assert_int_equal(opening(ids, &sealed), STATUS_WORK_FACTOR);
	buf_release(&sealed);
	recipients_free(r);
	identities_free(ids);
}

static void
an_identity_file_may_itself_be_sealed(void **state)
{
	struct recipients *r = recipients_new();
	struct identities *ids = identities_new();
	char recipient[RECIPIENT_TEXT], again[RECIPIENT_TEXT];
	struct secret *text;
	struct buf sealed;
	struct seal_fault fault;

	(void)state;
	assert_int_equal(identity_generate(0, &text, recipient), STATUS_OK);
	recipients_set_passphrase(r, secret_of("horse"), LOG_N);
	sealed = seal(r, true, secret_read(text), secret_len(text));
	assert_int_equal(seal_read_identities(ids, ids, buf_data(&sealed),
	    buf_len(&sealed), &fault), STATUS_NEEDS_PASSPHRASE);
	identities_set_passphrase(ids, secret_of("horse"));
	assert_int_equal(seal_read_identities(ids, ids, buf_data(&sealed),
	    buf_len(&sealed), &fault), STATUS_OK);
	identities_recipient(ids, 0, again);
	assert_string_equal(recipient, again);
	assert_int_equal(seal_read_identities(ids, ids, secret_read(text),
	    secret_len(text), &fault), STATUS_OK);
	assert_int_equal(identities_count(ids), 2);
	buf_data(&sealed)[40] = '!';
	assert_int_equal(seal_read_identities(ids, ids, buf_data(&sealed),
	    buf_len(&sealed), &fault), STATUS_ARMOR);
	assert_int_equal(fault.line, 2);
	secret_free(text);
	buf_release(&sealed);
	recipients_free(r);
	identities_free(ids);
}

static enum status
parse(struct recipients *r, const char *file, unsigned *line)
{
	return recipients_parse(r, (const uint8_t *)file, strlen(file), line);
}

static void
a_recipients_file_names_the_line_that_is_none(void **state)
{
	struct recipients *r = recipients_new();
	char one[RECIPIENT_TEXT], text[RECIPIENT_TEXT];
	char file[3 * RECIPIENT_TEXT];
	unsigned line;

	(void)state;
	identities_free(new_identity(one));
	snprintf(file, sizeof(file), "# team\n\n%s\r\n%s", one, one);
	assert_int_equal(parse(r, file, &line), STATUS_OK);
	assert_int_equal(recipients_count(r), 2);
	recipients_text(r, 1, text);
	assert_string_equal(one, text);
	snprintf(file, sizeof(file), "%s\n age1\n", one);
	assert_int_equal(parse(r, file, &line), STATUS_BAD_RECIPIENT);
	assert_int_equal(line, 2);
	assert_int_equal(parse(r, "# none\n", &line), STATUS_BAD_RECIPIENT);
	assert_int_equal(line, 0);
	assert_int_equal(parse(r, "age1pq1qqqq\n", &line),
	    mlkem_offered() ? STATUS_BAD_RECIPIENT : STATUS_NO_MLKEM);
	one[20] = one[20] == 'q' ? 'p' : 'q';
	snprintf(file, sizeof(file), "# team\n%s\n", one);
	assert_int_equal(parse(r, file, &line), STATUS_MISTYPED_RECIPIENT);
	assert_int_equal(line, 2);
	assert_int_equal(recipients_count(r), 2);
	recipients_free(r);
}

static void
a_recipient_of_small_order_is_refused_when_sealing(void **state)
{
	static const struct recipient zero = { .kind = RECIPIENT_X25519 };
	struct recipients *r = recipients_new();
	struct buf sealed;

	(void)state;
	buf_init(&sealed, NULL);
	recipients_add_key(r, &zero);
	assert_int_equal(seal_close(r, false, (const uint8_t *)"x", 1,
	    &sealed), STATUS_BAD_RECIPIENT);
	assert_int_equal(buf_len(&sealed), 0);
	recipients_free(r);
}

/* Sealed bytes go straight on to be opened. */
struct pipeline {
	struct opener *opener;
	uint64_t n;
};

static enum status
tally(void *ctx, const uint8_t *p, size_t n)
{
	struct pipeline *l = ctx;

	for (size_t i = 0; i < n; i += 4096) {
		if (p[i] != (uint8_t)((l->n + i) >> 12))
			return STATUS_PAYLOAD;
	}
	l->n += n;
	return STATUS_OK;
}

static enum status
pass_on(void *ctx, const uint8_t *p, size_t n)
{
	struct pipeline *l = ctx;

	return opener_push(l->opener, p, n,
	    (struct seal_writer){ .write = tally, .ctx = l });
}

static long
peak_kib(void)
{
	struct rusage u;

	assert_int_equal(getrusage(RUSAGE_SELF, &u), 0);
	return u.ru_maxrss;
}

static void
a_stream_of_any_length_takes_the_memory_of_a_few_chunks(void **state)
{
	enum { PIECE = 64 * 1024, PIECES = 1024 };
	static uint8_t piece[PIECE];
	char recipient[RECIPIENT_TEXT];
	struct identities *ids = new_identity(recipient);
	struct recipients *r = recipients_new();
	struct pipeline line = { .opener = opener_new(ids) };
	struct seal_writer out = { .write = pass_on, .ctx = &line };
	struct sealer *s;
	long before;

	(void)state;
	identities_add_recipients(ids, r);
	assert_int_equal(sealer_new(r, true, &s), STATUS_OK);
	before = peak_kib();
	for (uint64_t i = 0; i < PIECES; i++) {
		for (uint64_t k = 0; k < PIECE; k += 4096)
			piece[k] = (uint8_t)((i * PIECE + k) >> 12);
		assert_int_equal(sealer_push(s, piece, PIECE, out),
		    STATUS_OK);
	}
	assert_int_equal(sealer_end(s, out), STATUS_OK);
	assert_int_equal(opener_end(line.opener,
	    (struct seal_writer){ .write = tally, .ctx = &line }), STATUS_OK);
	assert_int_equal(line.n, (uint64_t)PIECE * PIECES);
#ifndef UNDER_ASAN
	assert_in_range(peak_kib() - before, 0, 2048);
#else
	(void)before;
#endif
	sealer_free(s);
	opener_free(line.opener);
	recipients_free(r);
	identities_free(ids);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_stream_of_any_length_takes_the_memory_of_a_few_chunks),
		cmocka_unit_test(
		    one_to_five_recipients_each_open_what_was_sealed_to_all),
		cmocka_unit_test(age_opens_what_we_sealed),
		cmocka_unit_test(
		    we_open_what_age_sealed_armored_and_to_several),
		cmocka_unit_test(sixty_four_mebibytes_go_both_ways),
		cmocka_unit_test(
		    a_passphrase_opens_and_another_or_none_does_not),
		cmocka_unit_test(
		    a_passphrase_is_asked_for_once_and_only_where_it_is_needed),
		cmocka_unit_test(
		    a_file_with_another_passphrase_is_asked_about_on_its_own),
		cmocka_unit_test(
		    more_identities_are_looked_for_where_none_opens_a_file),
		cmocka_unit_test(
		    the_largest_work_factor_has_its_memory_and_the_next_is_refused),
		cmocka_unit_test(an_identity_file_may_itself_be_sealed),
		cmocka_unit_test(
		    a_recipients_file_names_the_line_that_is_none),
		cmocka_unit_test(
		    a_recipient_of_small_order_is_refused_when_sealing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
