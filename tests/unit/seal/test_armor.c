/*
 * ASCII armor.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/text.h"
#include "seal/armor.h"

#define FIRST	"-----BEGIN AGE ENCRYPTED FILE-----\n"
#define LAST	"-----END AGE ENCRYPTED FILE-----\n"
#define FULL	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"

static enum status
keep(void *ctx, const uint8_t *p, size_t n)
{
	buf_append(ctx, p, n);
	return STATUS_OK;
}

static enum status
unarmor(struct text t, size_t step, struct buf *out, unsigned *line)
{
	struct seal_writer writer = { .write = keep, .ctx = out };
	struct armor_reader *r = armor_reader_new();
	enum status status = STATUS_OK;
	size_t part;

	for (; t.n != 0 && status == STATUS_OK; t.p += part, t.n -= part) {
		part = t.n < step ? t.n : step;
		status = armor_read(r, (const uint8_t *)t.p, part, writer);
	}
	if (status == STATUS_OK)
		status = armor_read_end(r, writer);
	*line = armor_reader_line(r);
	armor_reader_free(r);
	return status;
}

static void
accepts(const char *text, size_t length)
{
	struct buf out;
	unsigned line;

	buf_init(&out, NULL);
	assert_int_equal(unarmor(text_of(text), 7, &out, &line), STATUS_OK);
	assert_int_equal(buf_len(&out), length);
	buf_release(&out);
}

static void
refuses(const char *text, unsigned at)
{
	struct buf out;
	unsigned line;

	buf_init(&out, NULL);
	assert_int_equal(unarmor(text_of(text), 1000, &out, &line),
	    STATUS_ARMOR);
	assert_int_equal(line, at);
	buf_release(&out);
}

static void
armor(struct buf *out, const uint8_t *p, size_t n, size_t step)
{
	struct seal_writer writer = { .write = keep, .ctx = out };
	struct armor_sealer *s = armor_sealer_new();
	size_t part;

	for (; n != 0; p += part, n -= part) {
		part = n < step ? n : step;
		assert_int_equal(armor_seal(s, p, part, writer), STATUS_OK);
	}
	assert_int_equal(armor_seal_end(s, writer), STATUS_OK);
	armor_sealer_free(s);
}

static void
what_was_armored_comes_out_again_at_every_length_and_step(void **state)
{
	static const size_t steps[] = { 1, 5, 48, 49, 10000 };
	uint8_t p[5000];
	struct buf text, out;
	unsigned line;

	(void)state;
	for (size_t i = 0; i < sizeof(p); i++)
		p[i] = (uint8_t)(i * 31);
	for (size_t n = 0; n <= sizeof(p); n += n < 200 ? 1 : 479) {
		for (size_t k = 0; k < 5; k++) {
			buf_init(&text, NULL);
			buf_init(&out, NULL);
			armor(&text, p, n, steps[k]);
			assert_true(armor_is(buf_data(&text),
			    buf_len(&text)));
			assert_int_equal(unarmor(buf_text(&text), steps[4 - k],
			    &out, &line), STATUS_OK);
			assert_int_equal(buf_len(&out), n);
			if (n != 0)
				assert_memory_equal(buf_data(&out), p, n);
			buf_release(&text);
			buf_release(&out);
		}
	}
}

static void
lines_have_64_characters_and_the_last_one_the_rest(void **state)
{
	static const uint8_t zero[49];
	struct buf text;

	(void)state;
	buf_init(&text, NULL);
	armor(&text, zero, sizeof(zero), 100);
	assert_true(text_eq(buf_text(&text), TEXT(FIRST FULL "AA==\n" LAST)));
	buf_release(&text);
}

static void
blanks_around_it_and_crlf_are_taken(void **state)
{
	(void)state;
	accepts(FIRST "AAAA\n" LAST, 3);
	accepts(FIRST FULL LAST, 48);
	accepts("\n \t\r\n" FIRST "AAAA\n" LAST " \r\n\n", 3);
	accepts("-----BEGIN AGE ENCRYPTED FILE-----\r\nAAAA\r\n"
	    "-----END AGE ENCRYPTED FILE-----\r\n", 3);
	accepts(FIRST "AAAA\n-----END AGE ENCRYPTED FILE-----", 3);
}

static void
damage_is_named_by_its_line(void **state)
{
	(void)state;
	refuses("", 1);
	refuses("hello\n", 1);
	refuses(" " FIRST, 1);
	refuses("\n\n -----\n", 3);
	refuses(FIRST "AAA\n" LAST, 2);
	refuses(FIRST "AAAA \n" LAST, 2);
	refuses(FIRST "\n" LAST, 2);
	refuses(FIRST FULL "AAAA\nAAAA\n" LAST, 4);
	refuses(FIRST FULL "A=AA\n" LAST, 3);
	refuses(FIRST FULL "AB==\n" LAST, 3);
	refuses(FIRST FULL FULL "AAAA" FULL, 4);
	refuses(FIRST FULL FULL, 4);
	refuses(FIRST FULL LAST "x", 4);
}

static void
endless_blanks_are_refused(void **state)
{
	char text[3000];

	(void)state;
	memset(text, ' ', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	refuses(text, 1);
	memcpy(text, FIRST "AAAA\n" LAST, sizeof(FIRST "AAAA\n" LAST) - 1);
	refuses(text, 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_was_armored_comes_out_again_at_every_length_and_step),
		cmocka_unit_test(
		    lines_have_64_characters_and_the_last_one_the_rest),
		cmocka_unit_test(blanks_around_it_and_crlf_are_taken),
		cmocka_unit_test(damage_is_named_by_its_line),
		cmocka_unit_test(endless_blanks_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
