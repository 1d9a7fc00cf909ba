/*
 * upstream/replay: what is kept of a request's body.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "upstream/replay.h"

#define LIMIT	4

static void
keep(struct replay *r, const char *text, bool end)
{
	struct text t = text_of(text);

	replay_keep(r, (const uint8_t *)t.p, t.n, end);
}

static void
hold(struct replay *r, const char *text, bool end)
{
	struct text t = text_of(text);

	replay_hold(r, (const uint8_t *)t.p, t.n, end);
}

static void
assert_kept(const struct replay *r, const char *text)
{
	assert_true(replay_is_whole(r));
	assert_true(text_eq(buf_text(&r->bytes), text_of(text)));
}

static void
it_is_whole_up_to_the_limit_and_then_gone(void **state)
{
	struct replay r;

	(void)state;
	replay_init(&r, NULL, LIMIT);
	assert_kept(&r, "");
	keep(&r, "abc", false);
	keep(&r, "d", false);
	assert_kept(&r, "abcd");
	keep(&r, "", true);
	assert_kept(&r, "abcd");
	assert_true(r.ended);
	keep(&r, "e", false);
	assert_false(replay_is_whole(&r));
	assert_int_equal(buf_len(&r.bytes), 0);
	keep(&r, "f", true);
	assert_false(replay_is_whole(&r));
	assert_int_equal(buf_len(&r.bytes), 0);
	replay_drop(&r);
}

static void
of_no_body_there_is_all_even_where_nothing_is_kept(void **state)
{
	struct replay r;

	(void)state;
	replay_init(&r, NULL, 0);
	keep(&r, "", true);
	assert_kept(&r, "");
	keep(&r, "a", true);
	assert_false(replay_is_whole(&r));
}

static void
what_was_not_sent_is_never_lost(void **state)
{
	struct replay r;

	(void)state;
	replay_init(&r, NULL, LIMIT);
	keep(&r, "ab", false);
	hold(&r, "cde", false);
	hold(&r, "f", true);
	assert_kept(&r, "abcdef");
	replay_sent(&r);
	assert_false(replay_is_whole(&r));

	replay_init(&r, NULL, LIMIT);
	hold(&r, "abcd", true);
	replay_sent(&r);
	assert_kept(&r, "abcd");
	replay_drop(&r);
	assert_false(replay_is_whole(&r));
}

static void
what_will_be_there_is_known_before(void **state)
{
	static const struct {
		enum body_framing framing;
		uint64_t length;
		bool stays;
	} cases[] = {
		{ BODY_NONE, 0, true }, { BODY_LENGTH, 0, true },
		{ BODY_LENGTH, LIMIT, true }, { BODY_LENGTH, LIMIT + 1, false },
		{ BODY_LENGTH, UINT64_MAX, false }, { BODY_STREAM, 0, false },
	};
	struct replay r;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct head request = { .framing = cases[i].framing,
		    .length = cases[i].length };

		replay_init(&r, NULL, LIMIT);
		assert_int_equal(replay_stays_whole(&r, &request),
		    cases[i].stays);
		replay_drop(&r);
		assert_false(replay_stays_whole(&r, &request));
	}
}

static void
of_a_body_that_has_ended_its_length_is_known(void **state)
{
	const struct head request = { .framing = BODY_STREAM };
	struct replay r;

	(void)state;
	replay_init(&r, NULL, LIMIT);
	keep(&r, "abcd", true);
	assert_true(replay_stays_whole(&r, &request));
	replay_drop(&r);
	replay_init(&r, NULL, LIMIT);
	hold(&r, "abcde", true);
	assert_false(replay_stays_whole(&r, &request));
	replay_drop(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_whole_up_to_the_limit_and_then_gone),
		cmocka_unit_test(
		    of_no_body_there_is_all_even_where_nothing_is_kept),
		cmocka_unit_test(what_was_not_sent_is_never_lost),
		cmocka_unit_test(what_will_be_there_is_known_before),
		cmocka_unit_test(of_a_body_that_has_ended_its_length_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
