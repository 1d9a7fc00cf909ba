/* What is known of keys, as text and back. */
#include "keys/key_records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#define N(array)	(sizeof(array) / sizeof((array)[0]))
#define ZEROS	"0000000000000000000000000000000000000000000000000000000000000"
#define A	ZEROS "00a"
#define B	ZEROS "00b"

static const uint8_t a[DIGEST_SIZE] = { [31] = 0x0a };
static const uint8_t b[DIGEST_SIZE] = { [31] = 0x0b };

static void
set_name(struct key_record *k, const char *name)
{
	(void)snprintf(k->name, sizeof(k->name), "%s", name);
}

static void
a_record_is_found_by_the_digest_of_its_value(void **state)
{
	struct key_records r = { .n = 0 };

	(void)state;
	assert_null(key_records_find(&r, a));
	set_name(key_records_at(&r, b), "b");
	set_name(key_records_at(&r, a), "a");
	assert_int_equal(r.n, 2);
	assert_string_equal(key_records_find(&r, a)->name, "a");
	assert_string_equal(key_records_at(&r, b)->name, "b");
	assert_int_equal(r.n, 2);
	for (unsigned i = 0; i < 1000; i++) {
		uint8_t any[DIGEST_SIZE] = { (uint8_t)(i * 7), (uint8_t)i };

		set_name(key_records_at(&r, any), "any");
	}
	for (size_t i = 1; i < r.n; i++)
		assert_true(memcmp(r.v[i - 1].fingerprint,
		    r.v[i].fingerprint, DIGEST_SIZE) < 0);
	key_records_free(&r);
}

static struct key_record *
make(struct key_records *r, uint8_t which)
{
	uint8_t any[DIGEST_SIZE] = { which };
	struct key_record *k = key_records_at(r, any);

	set_name(k, "any");
	return k;
}

/* Which there are, as bits. */
static unsigned
which_stay(const struct key_records *r)
{
	unsigned stay = 0;

	for (size_t i = 0; i < r->n; i++)
		stay |= 1u << r->v[i].fingerprint[0];
	return stay;
}

static void
of_too_many_the_disabled_and_those_seen_last_stay(void **state)
{
	struct key_records r = { .n = 0 };

	(void)state;
	make(&r, 0)->seen = 5;
	make(&r, 1)->disabled = 1;
	make(&r, 2)->seen = 7;
	make(&r, 3)->seen = 7;
	make(&r, 4)->seen = 6;
	key_records_limit(&r, 5);
	assert_int_equal(r.n, 5);
	key_records_limit(&r, 4);
	assert_int_equal(which_stay(&r), 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4);
	key_records_limit(&r, 2);
	assert_int_equal(which_stay(&r), 1 << 1 | 1 << 2);
	make(&r, 5)->disabled = 9;
	make(&r, 6)->disabled = 9;
	key_records_limit(&r, 2);
	assert_int_equal(which_stay(&r), 1 << 1 | 1 << 5 | 1 << 6);
	key_records_free(&r);
}

static void
what_is_written_is_read_back(void **state)
{
	struct key_records r = { .n = 0 }, again = { .n = 0 };
	const struct key_record *k;
	struct buf out;

	(void)state;
	key_records_at(&r, a)->seen = 1796083200;
	key_records_at(&r, a)->requests = INT64_MAX;
	set_name(key_records_at(&r, a), "team-a");
	key_records_at(&r, b)->disabled = 1796083201;
	key_records_at(&r, b)->by = RECORD_BY(UINT32_MAX);
	set_name(key_records_at(&r, b), "team-b");
	buf_init(&out, NULL);
	key_records_write(&r, RECORDS_KEYS, &out);
	buf_append(&out, "", 1);
	/* That one is disabled is a matter of the other file. */
	assert_string_equal((const char *)buf_data(&out),
	    "{\"sallyport\":\"keys\",\"version\":1,\"keys\":[{\"name\":"
	    "\"team-a\",\"fingerprint\":\"" A "\",\"seen\":1796083200,"
	    "\"requests\":9223372036854775807}]}\n");
	assert_null(key_records_read(&again, RECORDS_KEYS,
	    text_of((const char *)buf_data(&out))));
	buf_release(&out);
	buf_init(&out, NULL);
	key_records_write(&r, RECORDS_DISABLED, &out);
	assert_null(key_records_read(&again, RECORDS_DISABLED,
	    buf_text(&out)));
	buf_release(&out);
	assert_int_equal(again.n, 2);
	k = key_records_find(&again, a);
	assert_string_equal(k->name, "team-a");
	assert_true(k->seen == 1796083200 && k->requests == INT64_MAX);
	assert_true(k->disabled == 0);
	k = key_records_find(&again, b);
	assert_string_equal(k->name, "team-b");
	assert_true(k->disabled == 1796083201 && k->by == RECORD_BY(UINT32_MAX));
	key_records_free(&r);
	key_records_free(&again);
}

static void
root_who_asked_is_told_from_nobody_who_is_known(void **state)
{
#define DISABLED(more) "{\"sallyport\":\"disabled keys\",\"version\":1," \
	"\"keys\":[{\"name\":\"a\",\"fingerprint\":\"" A "\"," \
	"\"disabled\":7" more "}]}\n"
	static const struct {
		const char *text;
		int64_t by;
	} t[] = {
		{ DISABLED(""), 0 },
		{ DISABLED(",\"by\":0"), RECORD_BY(0) },
		{ DISABLED(",\"by\":1000"), RECORD_BY(1000) },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct key_records r = { .n = 0 };
		struct buf out;

		assert_null(key_records_read(&r, RECORDS_DISABLED,
		    text_of(t[i].text)));
		assert_true(key_records_find(&r, a)->by == t[i].by);
		buf_init(&out, NULL);
		key_records_write(&r, RECORDS_DISABLED, &out);
		assert_true(text_eq(buf_text(&out), text_of(t[i].text)));
		buf_release(&out);
		key_records_free(&r);
	}
}

#define KEYS(k)	"{\"sallyport\":\"keys\",\"version\":1,\"keys\":[" k "]}"
#define KEY(more) KEYS("{\"name\":\"a\",\"fingerprint\":\"" A "\"" more "}")

static void
a_text_that_is_not_ours_is_refused_as_a_whole(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "", "it is damaged" },
		{ "{", "it is damaged" },
		{ "[]", "it is another file" },
		{ "{}", "it is another file" },
		{ "{\"sallyport\":\"disabled keys\",\"version\":1,\"keys\":[]}",
		    "it is another file" },
		{ "{\"sallyport\":\"keys\",\"keys\":[]}", "it is damaged" },
		{ "{\"sallyport\":\"keys\",\"version\":2,\"keys\":[]}",
		    "another version of sallyport wrote it" },
		{ "{\"sallyport\":\"keys\",\"version\":1}", "it is damaged" },
		{ "{\"sallyport\":\"keys\",\"version\":1,\"keys\":{}}",
		    "it is damaged" },
		{ "{\"sallyport\":\"keys\",\"version\":1,\"keys\":[],\"x\":1}",
		    "it is damaged" },
		{ KEYS("") "x", "it is damaged" },
		{ KEYS("1"), "it is damaged" },
		{ KEYS("{}"), "it is damaged" },
		{ KEYS("{\"name\":\"a\",\"seen\":1}"), "it is damaged" },
		{ KEYS("{\"fingerprint\":\"" A "\",\"seen\":1}"),
		    "it is damaged" },
		{ KEY(""), "it is damaged" },
		{ KEY(",\"seen\":0"), "it is damaged" },
		{ KEY(",\"seen\":-1"), "it is damaged" },
		{ KEY(",\"seen\":1.5"), "it is damaged" },
		{ KEY(",\"seen\":\"1\""), "it is damaged" },
		{ KEY(",\"seen\":253402300800"), "it is damaged" },
		{ KEY(",\"seen\":99999999999999999999"), "it is damaged" },
		{ KEY(",\"seen\":1,\"seen\":1"), "it is damaged" },
		{ KEY(",\"seen\":1,\"name\":\"b\""), "it is damaged" },
		{ KEY(",\"seen\":1,\"disabled\":1"), "it is damaged" },
		{ KEY(",\"seen\":1,\"other\":1"), "it is damaged" },
		{ KEYS("{\"name\":\"a b\",\"fingerprint\":\"" A
		    "\",\"seen\":1}"), "it is damaged" },
		{ KEYS("{\"name\":\"a\",\"fingerprint\":\"0a\",\"seen\":1}"),
		    "it is damaged" },
		{ KEY(",\"fingerprint\":\"" B "\",\"seen\":1"),
		    "it is damaged" },
		{ KEY(",\"fingerprint\":\"" A "\",\"seen\":1"),
		    "it is damaged" },
		{ KEYS("{\"name\":\"a\",\"fingerprint\":1,\"seen\":1}"),
		    "it is damaged" },
		{ KEYS("{\"name\":\"a\",\"fingerprint\":\"" A "\",\"seen\":1},"
		    "{\"name\":\"b\",\"fingerprint\":\"" A "\",\"seen\":1}"),
		    "it is damaged" },
		{ KEYS("{\"name\":\"b\",\"fingerprint\":\"" B "\",\"seen\":1},"
		    "{\"name\":\"a\"}"), "it is damaged" },
	};
	struct key_records r = { .n = 0 };

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		const char *why = key_records_read(&r, RECORDS_KEYS,
		    text_of(cases[i].text));

		if (why == NULL)
			fail_msg("taken: %s", cases[i].text);
		assert_string_equal(why, cases[i].why);
		assert_int_equal(r.n, 0);
	}
	assert_null(key_records_read(&r, RECORDS_KEYS,
	    text_of(KEY(",\"seen\":253402300799"))));
	assert_int_equal(r.n, 1);
	key_records_free(&r);
}

#define DISABLED_A(more) \
	"{\"sallyport\":\"disabled keys\",\"version\":1,\"keys\":[{" \
	    "\"name\":\"a\",\"fingerprint\":\"" A "\"" more "}]}"

static void
a_disabled_key_of_no_time_is_damage_and_not_an_enabled_key(void **state)
{
	struct key_records r = { .n = 0 };
	const char *why = key_records_read(&r, RECORDS_DISABLED,
	    TEXT(DISABLED_A(",\"by\":1000")));

	(void)state;
	assert_non_null(why);
	assert_string_equal(why, "it is damaged");
	assert_int_equal(r.n, 0);
	assert_null(key_records_read(&r, RECORDS_DISABLED,
	    TEXT(DISABLED_A(",\"disabled\":1,\"by\":1000"))));
	assert_int_equal(r.n, 1);
	key_records_free(&r);
}

static void
promotions_of_the_highest_numbers_are_lowered_in_their_order(void **state)
{
	static const char text[] = KEYS(
	    "{\"name\":\"a\",\"fingerprint\":\"" A "\","
	    "\"promoted\":4294967295},"
	    "{\"name\":\"b\",\"fingerprint\":\"" B "\","
	    "\"promoted\":4294967290},"
	    "{\"name\":\"c\",\"fingerprint\":\"" ZEROS "00c\","
	    "\"promoted\":4294967295},"
	    "{\"name\":\"d\",\"fingerprint\":\"" ZEROS "00d\","
	    "\"seen\":1}");
	static const uint8_t c[DIGEST_SIZE] = { [31] = 0x0c };
	static const uint8_t d[DIGEST_SIZE] = { [31] = 0x0d };
	struct key_records r = { .n = 0 };

	(void)state;
	assert_null(key_records_read(&r, RECORDS_KEYS, text_of(text)));
	assert_int_equal(key_records_find(&r, a)->promoted, 2);
	assert_int_equal(key_records_find(&r, b)->promoted, 1);
	assert_int_equal(key_records_find(&r, c)->promoted, 2);
	assert_int_equal(key_records_find(&r, d)->promoted, 0);
	key_records_free(&r);
}

static void
a_promotion_of_which_no_time_was_kept_is_read(void **state)
{
	static const char text[] = KEYS(
	    "{\"name\":\"a\",\"fingerprint\":\"" A "\",\"promoted\":2},"
	    "{\"name\":\"b\",\"fingerprint\":\"" B "\",\"promoted\":1,"
	    "\"promoted_at\":1796000000}");
	struct key_records r = { .n = 0 };

	(void)state;
	assert_null(key_records_read(&r, RECORDS_KEYS, text_of(text)));
	assert_int_equal(key_records_find(&r, a)->promoted, 2);
	assert_int_equal(key_records_find(&r, a)->promoted_at, 0);
	assert_int_equal(key_records_find(&r, b)->promoted, 1);
	assert_int_equal(key_records_find(&r, b)->promoted_at, 1796000000);
	key_records_free(&r);
}

static void
a_text_cut_anywhere_is_damaged(void **state)
{
	static const char whole[] = KEY(",\"seen\":17,\"requests\":3");
	struct key_records r = { .n = 0 };

	(void)state;
	for (size_t n = 0; n < sizeof(whole) - 1; n++)
		assert_non_null(key_records_read(&r, RECORDS_KEYS,
		    (struct text){ .p = whole, .n = n }));
	assert_int_equal(r.n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_is_found_by_the_digest_of_its_value),
		cmocka_unit_test(
		    of_too_many_the_disabled_and_those_seen_last_stay),
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(
		    root_who_asked_is_told_from_nobody_who_is_known),
		cmocka_unit_test(a_text_that_is_not_ours_is_refused_as_a_whole),
		cmocka_unit_test(
		    a_disabled_key_of_no_time_is_damage_and_not_an_enabled_key),
		cmocka_unit_test(
		    promotions_of_the_highest_numbers_are_lowered_in_their_order),
		cmocka_unit_test(a_promotion_of_which_no_time_was_kept_is_read),
		cmocka_unit_test(a_text_cut_anywhere_is_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
