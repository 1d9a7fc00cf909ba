/*
 * base/log: what a line says, that it fits a pipe, that it never blocks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

static _Atomic uint64_t lost;
static int pipe_fds[2];

static int64_t
fixed_wall(void)
{
	return INT64_C(1795465140123456789);
}

static int
setup(void **state)
{
	static const struct clock_source fixed = { .wall = fixed_wall };

	(void)state;
	clock_replace(&fixed);
	lost = 0;
	if (pipe(pipe_fds) != 0)
		return -1;
	fcntl(pipe_fds[0], F_SETFL, O_NONBLOCK);
	log_start(pipe_fds[1], LOG_LEVEL_INFO, &lost);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	clock_replace(NULL);
	log_start(STDERR_FILENO, LOG_LEVEL_INFO, NULL);
	log_set_format(LOG_FORMAT_JSON);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	return 0;
}

/* All that was written, as a C string. */
static size_t
read_back(char *buf, size_t size)
{
	ssize_t n = read(pipe_fds[0], buf, size - 1);

	if (n < 0)
		n = 0;
	buf[n] = '\0';
	return (size_t)n;
}

static void
a_message_is_one_ecs_line(void **state)
{
	char got[PIPE_BUF + 1], expected[512];

	(void)state;
	log_warn("upstream %s: %d \"tries\"\n", "elastic", 3);
	read_back(got, sizeof(got));
	snprintf(expected, sizeof(expected),
	    "{\"@timestamp\":\"2026-11-23T20:19:00.123Z\","
	    "\"log.level\":\"warn\","
	    "\"message\":\"upstream elastic: 3 \\\"tries\\\"\\n\","
	    "\"ecs.version\":\"8.11.0\",\"service\":{\"name\":"
	    "\"sallyport\"},\"event\":{\"kind\":\"event\","
	    "\"dataset\":\"sallyport.daemon\"},\"process\":{\"pid\":%d}}\n",
	    (int)getpid());
	assert_string_equal(got, expected);
}

static void
a_key_event_tells_key_action_and_expiry(void **state)
{
	char got[PIPE_BUF + 1];
	struct log_key_event event = {
		.level = LOG_LEVEL_INFO,
		.action = "key-expiration-seen",
		.key = "team-a",
		.upstream = "elastic-cloud",
		.expires = "2027-02-23T00:00:00Z",
	};

	(void)state;
	log_key(&event, "key team-a expires");
	read_back(got, sizeof(got));
	assert_non_null(strstr(got, "\"dataset\":\"sallyport.key\","
	    "\"action\":\"key-expiration-seen\"}"));
	assert_non_null(strstr(got, "\"sallyport\":{\"key\":\"team-a\","
	    "\"upstream\":\"elastic-cloud\","
	    "\"key_expires\":\"2027-02-23T00:00:00Z\"}}\n"));
}

static void
a_raw_expiry_is_escaped_and_cut(void **state)
{
	char got[PIPE_BUF + 1], raw[1000];
	struct log_key_event event = {
		.level = LOG_LEVEL_WARN,
		.action = "key-expiration-seen",
		.key = "k",
		.expires_raw = raw,
		.expires_raw_len = sizeof(raw),
	};
	size_t n;

	(void)state;
	memset(raw, '\n', sizeof(raw));
	log_key(&event, "?");
	n = read_back(got, sizeof(got));
	assert_int_equal(got[n - 1], '\n');
	assert_ptr_equal(memchr(got, '\n', n), got + n - 1);
	assert_non_null(strstr(got, "\\n\\n\"}}\n"));
	assert_true(n < 800);
}

static void
as_text_a_message_is_one_line_that_a_terminal_may_show(void **state)
{
	char got[PIPE_BUF + 1], expected[512];

	(void)state;
	log_set_format(LOG_FORMAT_TEXT);
	log_warn("upstream %s: %d \"tries\"\n\x1b[2J\\\xc2\x9b", "elastic", 3);
	read_back(got, sizeof(got));
	snprintf(expected, sizeof(expected), "2026-11-23T20:19:00.123Z warn "
	    "[%d] upstream elastic: 3 \"tries\"\\n\\u001b[2J\\\\\\u009b\n",
	    (int)getpid());
	assert_string_equal(got, expected);
}

static void
as_text_an_event_of_a_key_begins_with_its_action(void **state)
{
	char got[PIPE_BUF + 1], expected[512];

	(void)state;
	log_set_format(LOG_FORMAT_TEXT);
	log_key(&(struct log_key_event){
		.level = LOG_LEVEL_INFO,
		.action = "key-expiration-seen",
		.key = "team-a",
	}, "key %s expires", "team-a");
	read_back(got, sizeof(got));
	snprintf(expected, sizeof(expected), "2026-11-23T20:19:00.123Z info "
	    "[%d] key-expiration-seen: key team-a expires\n", (int)getpid());
	assert_string_equal(got, expected);
}

static void
levels_below_the_wanted_one_are_silent(void **state)
{
	char got[PIPE_BUF + 1];

	(void)state;
	log_debug("hidden");
	assert_int_equal(read_back(got, sizeof(got)), 0);
	assert_false(log_wants(LOG_LEVEL_DEBUG));
	log_error("shown");
	assert_true(read_back(got, sizeof(got)) > 0);
}

/*
 * A message of n times the piece gives one whole line of PIPE_BUF at most, with
 * this end.
 */
static void
check_end(const char *piece, size_t times, const char *end)
{
	char got[PIPE_BUF + 1];
	size_t len = strlen(piece), n;
	char *message = malloc(len * times + 1);

	assert_non_null(message);
	for (size_t i = 0; i < times; i++)
		memcpy(message + i * len, piece, len);
	message[len * times] = '\0';
	log_error("%s", message);
	free(message);
	n = read_back(got, sizeof(got));
	assert_in_range(n, 1, PIPE_BUF);
	assert_string_equal(got + n - strlen(end), end);
	assert_int_equal(lost, 0);
}

static void
check_long(const char *piece, size_t times)
{
	log_set_format(LOG_FORMAT_JSON);
	check_end(piece, times, "}}\n");
	log_set_format(LOG_FORMAT_TEXT);
	check_end(piece, times, "\n");
}

static void
a_long_line_is_shortened_and_stays_whole(void **state)
{
	(void)state;
	for (size_t n = 3700; n < 4300; n++)
		check_long("x", n);
	check_long("x", 100000);
	check_long("\"", 4000);
	check_long("\x01", 4000);
	check_long("\xff", 4000);
	for (size_t n = 950; n < 1050; n++)
		check_long("\xf0\x9f\x8f\xb0", n);
}

static void
a_shortened_message_says_so(void **state)
{
	char got[PIPE_BUF + 1], message[8000];

	(void)state;
	memset(message, 'x', sizeof(message) - 1);
	message[sizeof(message) - 1] = '\0';
	log_error("%s", message);
	read_back(got, sizeof(got));
	assert_non_null(strstr(got, "xxx...\",\"ecs.version\""));
}

static void
a_full_pipe_loses_lines_and_does_not_block(void **state)
{
	char piece[PIPE_BUF];

	(void)state;
	memset(piece, 'x', sizeof(piece));
	fcntl(pipe_fds[1], F_SETFL, O_NONBLOCK);
	while (write(pipe_fds[1], piece, sizeof(piece)) > 0)
		;
	fcntl(pipe_fds[1], F_SETFL, 0);
	log_error("one");
	log_plain("two");
	assert_int_equal(lost, 2);
}

static void
a_plain_line_is_the_text_and_cannot_be_two(void **state)
{
	char got[PIPE_BUF + 1];

	(void)state;
	log_plain("listening on %s", "127.0.0.1:9080\nready");
	read_back(got, sizeof(got));
	assert_string_equal(got, "listening on 127.0.0.1:9080?ready\n");
}

#define WITH_PIPE(test) \
	cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PIPE(a_message_is_one_ecs_line),
		WITH_PIPE(a_key_event_tells_key_action_and_expiry),
		WITH_PIPE(a_raw_expiry_is_escaped_and_cut),
		WITH_PIPE(as_text_a_message_is_one_line_that_a_terminal_may_show),
		WITH_PIPE(as_text_an_event_of_a_key_begins_with_its_action),
		WITH_PIPE(levels_below_the_wanted_one_are_silent),
		WITH_PIPE(a_long_line_is_shortened_and_stays_whole),
		WITH_PIPE(a_shortened_message_says_so),
		WITH_PIPE(a_full_pipe_loses_lines_and_does_not_block),
		WITH_PIPE(a_plain_line_is_the_text_and_cannot_be_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
