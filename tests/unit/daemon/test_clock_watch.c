/* What tells that the clock was set.  Nobody sets the machine's here. */
#include "daemon/clock_watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static bool
is_told(const struct clock_watch *w)
{
	struct pollfd fd;

	clock_watch_poll(w, &fd);
	return poll(&fd, 1, 0) == 1;
}

static void
a_step_is_told_once(void **state)
{
	const struct clock_watch w = { .fd = eventfd(0, EFD_NONBLOCK) };
	uint64_t once = 1;

	(void)state;
	assert_true(w.fd != -1);
	for (unsigned i = 0; i < 2; i++) {
		assert_false(is_told(&w));
		assert_int_equal(write(w.fd, &once, sizeof(once)),
		    sizeof(once));
		assert_true(is_told(&w));
		clock_watch_take(&w);
	}
	assert_false(is_told(&w));
	close(w.fd);
}

/* 3 is an absolute time, and that a step cancels it. */
static void
it_is_a_timer_that_a_step_cancels_and_that_never_comes(void **state)
{
	struct clock_watch w;
	char path[64], line[128];
	bool cancels = false, real = false;
	FILE *f;

	(void)state;
	clock_watch_open(&w);
	assert_true(w.fd != -1);
	assert_false(is_told(&w));
	(void)snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", w.fd);
	f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		cancels |= strcmp(line, "settime flags: 03\n") == 0;
		real |= strcmp(line, "clockid: 0\n") == 0;
	}
	(void)fclose(f);
	assert_true(cancels);
	assert_true(real);
	clock_watch_close(&w);
	assert_int_equal(w.fd, -1);
}

static void
one_that_there_is_not_tells_nothing(void **state)
{
	struct clock_watch w = { .fd = -1 };

	(void)state;
	assert_false(is_told(&w));
	clock_watch_take(&w);
	clock_watch_close(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_step_is_told_once),
		cmocka_unit_test(
		    it_is_a_timer_that_a_step_cancels_and_that_never_comes),
		cmocka_unit_test(one_that_there_is_not_tells_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
