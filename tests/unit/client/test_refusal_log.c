/*
 * Refused clients in the log: the first at once, and how many more there were
 * when the minute is over, or all is.
 */
#include "client/refusal_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../sim/memory.h"
#include "base/log.h"

#define MINUTE_MS	60000

static char office[] = "office", home[] = "home";
static struct conf_listener listeners[] = {
	{ .name = office }, { .name = home },
};
static const struct conf conf = { .listeners = listeners, .n_listeners = 2 };
static struct loop *loop;
static struct refusal_log *all;
static int fd;
static char text[8192];

static int
set_up(void **state)
{
	(void)state;
	fd = memfd_create("log", MFD_CLOEXEC);
	log_start(fd, LOG_LEVEL_WARN, NULL);
	log_set_format(LOG_FORMAT_TEXT);
	loop = loop_new();
	memory_start(loop);
	all = refusal_log_new(loop, &conf);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	refusal_log_free(all);
	memory_end();
	loop_free(loop);
	close(fd);
	return 0;
}

static void
refuse(size_t listener, const char *why)
{
	const struct addr_ip from = { .len = 0 };

	refusal_log_tell(all, listener, &from, FAULT_CLIENT_TLS, why);
}

/* How often this was logged. */
static unsigned
count(const char *what)
{
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	unsigned found = 0;

	assert_true(n >= 0);
	text[n] = '\0';
	for (const char *p = text; (p = strstr(p, what)) != NULL; p++)
		found++;
	return found;
}

static void
what_was_left_out_is_told_when_the_minute_is_over(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		refuse(0, "no TLS");
	refuse(1, "no TLS");
	assert_int_equal(count("is refused: no TLS"), 2);
	memory_pass(MINUTE_MS);
	assert_int_equal(count("since the last such line"), 0);
	memory_pass(2000);
	assert_int_equal(count("listener office: 2 more connections were "
	    "refused since the last such line: no TLS"), 1);
	memory_pass(10 * MINUTE_MS);
	assert_int_equal(count("since the last such line"), 1);
}

static void
in_a_flood_there_is_one_line_a_minute(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 240; i++) {
		refuse(0, "no TLS");
		memory_pass(500);
	}
	assert_int_equal(count("no TLS"), 2);
	assert_int_equal(count("as were 119 since the last such line"), 1);
}

static void
each_reason_has_its_own_minute(void **state)
{
	(void)state;
	refuse(0, "no TLS");
	refuse(0, "no TLS");
	memory_pass(MINUTE_MS / 2);
	refuse(0, "expired");
	refuse(0, "expired");
	memory_pass(MINUTE_MS / 2 + 2000);
	assert_int_equal(count("1 more connection was refused since the last "
	    "such line: no TLS"), 1);
	assert_int_equal(count("since the last such line: expired"), 0);
	memory_pass(MINUTE_MS / 2);
	assert_int_equal(count("since the last such line: expired"), 1);
}

static void
the_end_tells_what_is_left(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 5; i++)
		refuse(1, "no TLS");
	refusal_log_free(all);
	all = NULL;
	assert_int_equal(count("listener home: 4 more connections were "
	    "refused since the last such line: no TLS"), 1);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_left_out_is_told_when_the_minute_is_over),
		TEST(in_a_flood_there_is_one_line_a_minute),
		TEST(each_reason_has_its_own_minute),
		TEST(the_end_tells_what_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
