/*
 * Unit tests of upstream/sieve.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "upstream/sieve.h"

static uint64_t room[1024];

/* For the texts up to NULL. */
static struct sieve
sieve_of(const char *const *texts)
{
	struct sieve s;
	size_t bytes = 0;

	for (size_t i = 0; texts[i] != NULL; i++)
		bytes += strlen(texts[i]);
	assert_true(sieve_room(bytes) <= sizeof(room));
	memset(room, 0, sizeof(room));
	sieve_init(&s, room, bytes);
	for (size_t i = 0; texts[i] != NULL; i++)
		sieve_add(&s, text_of(texts[i]));
	return s;
}

/* A place that one goes past is in it. */
static bool
stops_within(const struct sieve *s, struct text t, size_t from, size_t to)
{
	size_t at = 0;

	while ((at = sieve_next(s, t, at)) < t.n) {
		if (at >= from && at + SIEVE_RUN <= to)
			return true;
		at += s->step;
	}
	return false;
}

static void
no_text_is_passed_over_wherever_it_stands(void **state)
{
	static const char *const texts[] = { "essu_0123456789",
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "9876543210", NULL };
	struct sieve s = sieve_of(texts);
	char body[200];

	(void)state;
	assert_int_equal(s.step, strlen(texts[2]) - SIEVE_RUN + 1);
	for (size_t i = 0; texts[i] != NULL; i++) {
		size_t n = strlen(texts[i]);

		for (size_t at = 0; at + n <= sizeof(body); at++) {
			struct text t = { .p = body, .n = sizeof(body) };

			memset(body, '.', sizeof(body));
			memcpy(body + at, texts[i], n);
			assert_true(stops_within(&s, t, at, at + n));
			t.n = at + n;
			assert_true(stops_within(&s, t, at, at + n));
		}
	}
}

static void
nearly_all_of_other_texts_is_passed_over(void **state)
{
	static const char *const texts[] = {
		"MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6AAAAAGNyYyE",
		"q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4mrze8BI0VniQ", NULL };
	static char body[100000];
	struct sieve s = sieve_of(texts);
	struct text t = { .p = body, .n = sizeof(body) };
	size_t at = 0, stops = 0;

	(void)state;
	srand(1);
	for (size_t i = 0; i < t.n; i++)
		body[i] = texts[0][(size_t)rand() % strlen(texts[0])];
	/* Every place is asked. */
	while ((at = sieve_next(&s, t, at)) < t.n) {
		stops++;
		at++;
	}
	assert_true(stops < t.n / s.step / 100);
}

static void
what_is_too_short_and_nothing_at_all_stop_nobody(void **state)
{
	static const char *const texts[] = { "abcdefgh", NULL };
	static const char *const none[] = { NULL };
	struct sieve s = sieve_of(texts);

	(void)state;
	assert_int_equal(sieve_next(&s, TEXT("abcdefgh"), 0), 0);
	assert_int_equal(sieve_next(&s, TEXT("abcdefgh"), 4), 4);
	assert_int_equal(sieve_next(&s, TEXT("abcdefgh"), 5), 8);
	assert_int_equal(sieve_next(&s, TEXT("abc"), 0), 3);
	assert_int_equal(sieve_next(&s, TEXT(""), 0), 0);
	s = sieve_of(none);
	assert_int_equal(sieve_next(&s, TEXT("abcdefgh"), 0), 8);
}

static void
two_in_one_table_go_their_own_steps(void **state)
{
	static const char *const texts[] = { "abcdefghijkl", NULL };
	struct sieve s = sieve_of(texts), other = sieve_beside(&s);

	(void)state;
	assert_int_equal(sieve_next(&other, TEXT("abcdefghijkl"), 0), 12);
	sieve_add(&other, TEXT("0123456"));
	assert_int_equal(s.step, 9);
	assert_int_equal(other.step, 4);
	assert_true(sieve_has(&s, "0123"));
	assert_true(sieve_has_pair(&s, "34"));
	assert_true(sieve_has(&other, "ijkl"));
	assert_false(sieve_has(&other, "6abc"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_text_is_passed_over_wherever_it_stands),
		cmocka_unit_test(nearly_all_of_other_texts_is_passed_over),
		cmocka_unit_test(two_in_one_table_go_their_own_steps),
		cmocka_unit_test(
		    what_is_too_short_and_nothing_at_all_stop_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
