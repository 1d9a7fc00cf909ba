/*
 * upstream/contact: what the log says of an upstream that cannot be reached.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../sim/memory.h"
#include "base/alloc.h"
#include "base/log.h"
#include "base/repeats.h"
#include "upstream/contact.h"

#define MINUTE_MS	(REPEATS_AGAIN_NS / NS_PER_MS)

static const char refused[] = "connect: Connection refused";
static const char late[] = "connect: no answer in time";

struct world {
	struct loop *loop;
	struct contact *contact;
	int log;
	char text[8192];
};

static int
set_up(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));

	*state = w;
	w->log = memfd_create("log", MFD_CLOEXEC);
	assert_true(w->log != -1);
	log_start(w->log, LOG_LEVEL_INFO, NULL);
	w->loop = loop_new();
	memory_start(w->loop);
	w->contact = contact_new(w->loop, "api");
	return 0;
}

static void
end_contact(struct world *w)
{
	contact_free(w->contact);
	w->contact = NULL;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	end_contact(w);
	memory_turn();
	loop_free(w->loop);
	memory_end();
	log_start(STDERR_FILENO, LOG_LEVEL_INFO, NULL);
	close(w->log);
	free(w);
	return 0;
}

/* How many lines have that in them, of those since the last forget(). */
static size_t
lines_with(struct world *w, const char *what)
{
	ssize_t n = pread(w->log, w->text, sizeof(w->text) - 1, 0);
	size_t found = 0;

	assert_in_range(n, 0, sizeof(w->text) - 2);
	w->text[n] = '\0';
	for (char *at = w->text; (at = strstr(at, what)) != NULL; at++)
		found++;
	return found;
}

static size_t
lines(struct world *w)
{
	return lines_with(w, "\n");
}

static void
forget(struct world *w)
{
	assert_int_equal(ftruncate(w->log, 0), 0);
	assert_int_equal(lseek(w->log, 0, SEEK_SET), 0);
}

static void
fail_often(struct world *w, const char *why, int n)
{
	for (int i = 0; i < n; i++)
		contact_failed(w->contact, "", why);
}

static void
a_failure_is_told_once_and_summed_up_a_minute_later(void **state)
{
	struct world *w = *state;

	fail_often(w, refused, 1000);
	assert_int_equal(lines(w), 1);
	assert_int_equal(lines_with(w, "upstream api: connect: Connection "
	    "refused\""), 1);
	memory_pass(MINUTE_MS - 1);
	assert_int_equal(lines(w), 1);
	memory_pass(2);
	assert_int_equal(lines(w), 2);
	assert_int_equal(lines_with(w, "upstream api: connect: Connection "
	    "refused: 999 more times"), 1);
	memory_pass(10 * MINUTE_MS);
	assert_int_equal(lines(w), 2);
}

static void
while_it_lasts_there_is_a_line_a_minute(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 10 * 60; i++) {
		fail_often(w, refused, 5);
		memory_pass(1000);
	}
	assert_in_range(lines(w), 10, 11);
}

static void
one_reason_does_not_hide_another(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 100; i++) {
		contact_failed(w->contact, "", refused);
		contact_failed(w->contact, "", late);
	}
	assert_int_equal(lines(w), 2);
	assert_int_equal(lines_with(w, refused), 1);
	assert_int_equal(lines_with(w, late), 1);
}

static void
that_it_is_reached_again_is_told_last_and_once(void **state)
{
	struct world *w = *state;
	const char *sum, *again;

	fail_often(w, refused, 3);
	for (int i = 0; i < 10; i++)
		contact_made(w->contact);
	assert_int_equal(lines(w), 3);
	sum = strstr(w->text, "2 more times");
	again = strstr(w->text, "upstream api: it is reached again");
	assert_non_null(sum);
	assert_non_null(again);
	assert_true(sum < again);
	memory_pass(10 * MINUTE_MS);
	assert_int_equal(lines(w), 3);
}

static void
one_that_never_failed_is_not_told_of(void **state)
{
	struct world *w = *state;

	contact_made(w->contact);
	memory_pass(10 * MINUTE_MS);
	assert_int_equal(lines(w), 0);
}

/* Whatever it does, and the last line is what holds. */
static void
one_that_comes_and_goes_has_few_lines_too(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 1000; i++) {
		contact_failed(w->contact, "", refused);
		contact_made(w->contact);
	}
	assert_int_equal(lines(w), 2);
	forget(w);
	memory_pass(2 * MINUTE_MS);
	assert_int_equal(lines(w), 2);
	assert_non_null(strstr(strstr(w->text, "999 more times"),
	    "it is reached again"));

	contact_failed(w->contact, "", refused);
	forget(w);
	memory_pass(2 * MINUTE_MS);
	assert_int_equal(lines_with(w, "again"), 0);
}

static void
an_address_of_another_does_not_mean_that_it_cannot_be_reached(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 10; i++)
		contact_strayed(w->contact, "hostname mismatch");
	contact_made(w->contact);
	assert_int_equal(lines(w), 1);
	assert_int_equal(lines_with(w, "upstream api: hostname mismatch; "
	    "another address of it is tried\""), 1);
}

static void
what_was_left_out_is_told_at_the_end(void **state)
{
	struct world *w = *state;

	fail_often(w, refused, 8);
	end_contact(w);
	assert_int_equal(lines_with(w, "7 more times"), 1);
}

/* As many as an upstream, or who stands between, can think of. */
static void
reasons_without_end_have_few_lines(void **state)
{
	struct world *w = *state;
	char why[32];

	for (int i = 0; i < 1000; i++) {
		(void)snprintf(why, sizeof(why), "reason %d", i);
		contact_failed(w->contact, "", why);
	}
	assert_int_equal(lines(w), REPEATS_REASONS + 1);
	memory_pass(MINUTE_MS + 1);
	assert_int_equal(lines(w), REPEATS_REASONS + 2);
	assert_int_equal(lines_with(w, "for other reasons: 983 more times"),
	    1);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_failure_is_told_once_and_summed_up_a_minute_later),
		TEST(while_it_lasts_there_is_a_line_a_minute),
		TEST(one_reason_does_not_hide_another),
		TEST(that_it_is_reached_again_is_told_last_and_once),
		TEST(one_that_never_failed_is_not_told_of),
		TEST(one_that_comes_and_goes_has_few_lines_too),
		TEST(an_address_of_another_does_not_mean_that_it_cannot_be_reached),
		TEST(what_was_left_out_is_told_at_the_end),
		TEST(reasons_without_end_have_few_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
