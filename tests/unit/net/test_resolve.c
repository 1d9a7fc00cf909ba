#include "net/resolve.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "name_server.h"
#include "net/hosts.h"
#include "turns.h"

/* What CLOCK_BOOTTIME is ahead of the clock that timers follow. */
static int64_t slept;

static int64_t
monotonic(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static int64_t
boot(void)
{
	return monotonic() + slept;
}

static const struct clock_source source = { monotonic, monotonic, boot };

struct fixture {
	struct loop *loop;
	struct name_server dns;
	struct resolver *resolver;
	struct resolve *under_way;
	bool done;
	char got[512];			/* the addresses, space-separated */
	char why[256];
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	slept = 0;
	clock_replace(&source);
	f->loop = loop_new();
	f->resolver = resolver_new(f->loop, f->why, sizeof(f->why));
	assert_non_null(f->resolver);
	name_server_start(&f->dns, f->loop);
	assert_true(resolver_set_servers(f->resolver, f->dns.address));
	f->dns.v4[0] = "192.0.2.1";
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	clock_replace(NULL);
	resolver_free(f->resolver);
	name_server_stop(&f->dns);
	loop_free(f->loop);
	free(f);
	return 0;
}

static void
on_resolved(void *owner, const struct addr *addrs, size_t n, const char *why)
{
	struct fixture *f = owner;

	assert_false(f->done);
	f->done = true;
	f->under_way = NULL;
	f->got[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		size_t at = strlen(f->got);
		char text[ADDR_TEXT];

		addr_format(&addrs[i], text);
		snprintf(f->got + at, sizeof(f->got) - at, "%s%s",
		    at != 0 ? " " : "", text);
	}
	snprintf(f->why, sizeof(f->why), "%s", why);
}

static void
start(struct fixture *f, const char *host)
{
	f->done = false;
	f->under_way = resolve_start(f->resolver, host, 443, on_resolved, f);
	assert_false(f->done);
}

static void
expect(struct fixture *f, const char *host, const char *addrs)
{
	start(f, host);
	run_until(f->loop, &f->done);
	assert_string_equal(f->got, addrs);
}

static void
literals_need_no_name_server(void **state)
{
	struct fixture *f = *state;

	expect(f, "192.0.2.7", "192.0.2.7:443");
	expect(f, "2001:db8::1", "[2001:db8::1]:443");
	assert_int_equal(f->dns.asked, 0);
}

static void
a_name_has_the_addresses_of_its_records(void **state)
{
	struct fixture *f = *state;

	f->dns.v4[1] = "192.0.2.2";
	expect(f, "api.test", "192.0.2.1:443 192.0.2.2:443");
}

static void
families_are_interleaved(void **state)
{
	struct fixture *f = *state;

	f->dns.v4[1] = "192.0.2.2";
	f->dns.v6[0] = "2001:db8::1";
	f->dns.v6[1] = "2001:db8::2";
	f->dns.v6[2] = "2001:db8::3";
	expect(f, "api.test", "[2001:db8::1]:443 192.0.2.1:443 "
	    "[2001:db8::2]:443 192.0.2.2:443 [2001:db8::3]:443");
}

/* Lets so many seconds pass. */
static void
pass(struct fixture *f, int64_t seconds)
{
	slept += seconds * NS_PER_S;
	run_for(f->loop, 1);
}

static void
expect_within(struct fixture *f, const char *addrs, int64_t ms)
{
	int64_t begin = clock_monotonic();

	expect(f, "api.test", addrs);
	assert_true(clock_monotonic() - begin < ms * NS_PER_MS);
}

/* Once the look-up that is under way has ended. */
static void
expect_next(struct fixture *f, const char *addrs)
{
	int64_t end = clock_monotonic() + 10 * NS_PER_S;

	do {
		start(f, "api.test");
		run_until(f->loop, &f->done);
	} while (strcmp(f->got, addrs) != 0 && clock_monotonic() < end);
	assert_string_equal(f->got, addrs);
}

/* -- how long answers are kept -- */

static void
an_answer_is_kept_for_its_ttl(void **state)
{
	struct fixture *f = *state;

	f->dns.ttl = 10;
	expect(f, "api.test", "192.0.2.1:443");
	f->dns.v4[0] = "192.0.2.9";
	pass(f, 9);
	expect(f, "API.test", "192.0.2.1:443");
	assert_int_equal(f->dns.asked, 1);
	pass(f, 32);
	expect(f, "api.test", "192.0.2.9:443");
	assert_int_equal(f->dns.asked, 2);
}

static void
an_answer_is_kept_for_an_hour_at_most(void **state)
{
	struct fixture *f = *state;

	f->dns.ttl = UINT32_MAX / 2;
	expect(f, "api.test", "192.0.2.1:443");
	f->dns.v4[0] = "192.0.2.9";
	pass(f, 3631);
	expect(f, "api.test", "192.0.2.9:443");
}

static void
nobody_waits_for_what_replaces_an_answer_of_just_now(void **state)
{
	struct fixture *f = *state;

	f->dns.ttl = 10;
	expect(f, "api.test", "192.0.2.1:443");
	pass(f, 39);
	f->dns.v4[0] = "192.0.2.9";
	expect(f, "api.test", "192.0.2.1:443");
	expect_next(f, "192.0.2.9:443");
	assert_int_equal(f->dns.asked, 2);
}

static void
look_ups_of_one_name_share_a_query(void **state)
{
	struct fixture *f = *state;
	struct resolve *other;

	start(f, "api.test");
	other = resolve_start(f->resolver, "api.test", 80, on_resolved, f);
	resolve_cancel(other);
	run_until(f->loop, &f->done);
	assert_int_equal(f->dns.asked, 1);
}

/* -- failures -- */

static void
a_name_that_does_not_exist_says_so(void **state)
{
	struct fixture *f = *state;

	f->dns.rcode = RCODE_NXDOMAIN;
	expect(f, "api.test", "");
	assert_non_null(strstr(f->why, "not found"));
	assert_null(strstr(f->why, "api.test"));
}

static void
a_name_that_failed_is_not_asked_for_again_at_once(void **state)
{
	struct fixture *f = *state;

	f->dns.rcode = RCODE_NXDOMAIN;
	for (unsigned i = 0; i < 50; i++)
		expect(f, "api.test", "");
	assert_non_null(strstr(f->why, "not found"));
	assert_int_equal(f->dns.asked, 1);
	f->dns.rcode = RCODE_OK;
	pass(f, 2);
	expect(f, "api.test", "192.0.2.1:443");
}

static void
what_failed_is_told_rather_than_what_does_not_exist(void **state)
{
	struct fixture *f = *state;

	f->dns.rcode = RCODE_SERVFAIL;
	f->dns.hold_v6 = true;
	start(f, "api.test");
	while (f->dns.asked_v6 == 0 || f->dns.asked < 2)
		run_for(f->loop, 1);
	run_for(f->loop, 20);
	f->dns.rcode = RCODE_OK;
	name_server_let_go(&f->dns);
	run_until(f->loop, &f->done);
	assert_null(strstr(f->why, "no data"));
}

static void
the_last_good_answer_is_used_when_dns_fails(void **state)
{
	struct fixture *f = *state;
	unsigned asked;

	f->dns.ttl = 1;
	expect(f, "api.test", "192.0.2.1:443");
	pass(f, 86000);
	f->dns.rcode = RCODE_SERVFAIL;
	expect(f, "api.test", "192.0.2.1:443");
	f->dns.rcode = RCODE_OK;
	f->dns.v4[0] = "192.0.2.9";
	asked = f->dns.asked;
	/* Not asked again at once. */
	expect(f, "api.test", "192.0.2.1:443");
	assert_int_equal(f->dns.asked, asked);
	pass(f, 5);
	expect(f, "api.test", "192.0.2.1:443");
	expect_next(f, "192.0.2.9:443");
}

static void
an_answer_of_the_day_before_yesterday_is_no_answer(void **state)
{
	struct fixture *f = *state;

	f->dns.ttl = 1;
	expect(f, "api.test", "192.0.2.1:443");
	pass(f, 86402);
	f->dns.rcode = RCODE_SERVFAIL;
	expect(f, "api.test", "");
}

static void
a_name_that_was_removed_has_no_addresses_any_more(void **state)
{
	struct fixture *f = *state;

	f->dns.ttl = 1;
	expect(f, "api.test", "192.0.2.1:443");
	pass(f, 40);
	f->dns.rcode = RCODE_NXDOMAIN;
	expect(f, "api.test", "");
}

static void
the_last_good_answer_is_used_when_dns_is_silent(void **state)
{
	struct fixture *f = *state;

	f->dns.ttl = 1;
	expect(f, "api.test", "192.0.2.1:443");
	pass(f, 40);
	f->dns.silent = true;
	expect_within(f, "192.0.2.1:443", 1900);
	expect_within(f, "192.0.2.1:443", 500);
}

static void
a_silent_name_server_ends_in_a_failure(void **state)
{
	struct fixture *f = *state;

	f->dns.silent = true;
	expect(f, "api.test", "");
	assert_non_null(strstr(f->why, "imeout"));
}

/* -- one family -- */

/* Routers of homes do that. */
static void
a_name_server_silent_about_ipv6_is_not_waited_for(void **state)
{
	struct fixture *f = *state;

	f->dns.silent_v6 = true;
	f->dns.ttl = 1;
	expect_within(f, "192.0.2.1:443", 900);
	/* Nor by those who renew what is old. */
	for (unsigned i = 0; i < 3; i++) {
		pass(f, 40);
		expect_within(f, "192.0.2.1:443", 900);
	}
	assert_int_equal(f->dns.asked, 4);
}

static void
addresses_of_ipv6_that_come_late_are_for_the_next(void **state)
{
	struct fixture *f = *state;

	f->dns.v6[0] = "2001:db8::1";
	f->dns.hold_v6 = true;
	expect(f, "api.test", "192.0.2.1:443");
	name_server_let_go(&f->dns);
	expect_next(f, "[2001:db8::1]:443 192.0.2.1:443");
	assert_int_equal(f->dns.asked, 1);
	assert_int_equal(f->dns.asked_v6, 1);
}

static void
a_late_answer_makes_the_other_no_younger(void **state)
{
	struct fixture *f = *state;

	f->dns.v6[0] = "2001:db8::1";
	f->dns.hold_v6 = true;
	f->dns.ttl = 10;
	expect(f, "api.test", "192.0.2.1:443");
	pass(f, 8);
	name_server_let_go(&f->dns);
	expect_next(f, "[2001:db8::1]:443 192.0.2.1:443");
	pass(f, 3);
	f->dns.hold_v6 = false;
	expect(f, "api.test", "[2001:db8::1]:443 192.0.2.1:443");
	expect_next(f, "[2001:db8::1]:443 192.0.2.1:443");
	assert_int_equal(f->dns.asked, 2);
}

static void
a_name_with_ipv6_alone_has_its_addresses(void **state)
{
	struct fixture *f = *state;

	f->dns.v4[0] = NULL;
	f->dns.v6[0] = "2001:db8::1";
	expect_within(f, "[2001:db8::1]:443", 900);
}

static void
ipv6_alone_replaces_no_answer_until_ipv4_has_failed(void **state)
{
	struct fixture *f = *state;

	f->dns.v6[0] = "2001:db8::1";
	f->dns.ttl = 1;
	expect(f, "api.test", "[2001:db8::1]:443 192.0.2.1:443");
	pass(f, 40);
	f->dns.silent_v4 = true;
	expect_within(f, "[2001:db8::1]:443 192.0.2.1:443", 1900);
	expect_next(f, "[2001:db8::1]:443");
}

static void
ipv6_alone_will_do_where_there_is_nothing_else(void **state)
{
	struct fixture *f = *state;

	f->dns.v6[0] = "2001:db8::1";
	f->dns.silent_v4 = true;
	expect_within(f, "[2001:db8::1]:443", 1900);
}

/* -- doubt -- */

static void
an_answer_that_is_doubted_is_asked_for_again(void **state)
{
	struct fixture *f = *state;

	expect(f, "api.test", "192.0.2.1:443");
	f->dns.v4[0] = "192.0.2.9";
	resolve_doubt(f->resolver, "api.test");
	expect(f, "api.test", "192.0.2.9:443");
	assert_int_equal(f->dns.asked, 2);
}

static void
what_comes_late_takes_no_doubt_away(void **state)
{
	struct fixture *f = *state;

	f->dns.v6[0] = "2001:db8::1";
	f->dns.hold_v6 = true;
	expect(f, "api.test", "192.0.2.1:443");
	resolve_doubt(f->resolver, "api.test");
	name_server_let_go(&f->dns);
	run_for(f->loop, 50);
	f->dns.hold_v6 = false;
	f->dns.v4[0] = "192.0.2.9";
	expect_next(f, "[2001:db8::1]:443 192.0.2.9:443");
}

static void
doubt_is_heeded_once_in_five_seconds(void **state)
{
	struct fixture *f = *state;

	expect(f, "api.test", "192.0.2.1:443");
	for (unsigned i = 0; i < 50; i++) {
		resolve_doubt(f->resolver, "api.test");
		expect(f, "api.test", "192.0.2.1:443");
	}
	assert_int_equal(f->dns.asked, 2);
	f->dns.v4[0] = "192.0.2.9";
	pass(f, 5);
	expect(f, "api.test", "192.0.2.9:443");
	assert_int_equal(f->dns.asked, 3);
}

static void
what_is_doubted_is_used_where_nothing_else_can_be_had(void **state)
{
	struct fixture *f = *state;

	expect(f, "api.test", "192.0.2.1:443");
	f->dns.rcode = RCODE_SERVFAIL;
	resolve_doubt(f->resolver, "api.test");
	expect(f, "api.test", "192.0.2.1:443");
	pass(f, 5);
	f->dns.silent = true;
	expect_within(f, "192.0.2.1:443", 1900);
}

/* What is wrong must not live on beside what is right. */
static void
doubted_addresses_of_a_silent_family_are_gone(void **state)
{
	struct fixture *f = *state;

	f->dns.v6[0] = "2001:db8::1";
	expect(f, "api.test", "[2001:db8::1]:443 192.0.2.1:443");
	f->dns.silent_v6 = true;
	resolve_doubt(f->resolver, "api.test");
	expect(f, "api.test", "192.0.2.1:443");
}

static void
literals_are_beyond_doubt(void **state)
{
	struct fixture *f = *state;

	resolve_doubt(f->resolver, "192.0.2.7");
	expect(f, "192.0.2.7", "192.0.2.7:443");
	assert_int_equal(f->dns.asked, 0);
}

/* -- the rest -- */

static void
a_look_up_can_be_cancelled(void **state)
{
	struct fixture *f = *state;

	start(f, "api.test");
	resolve_cancel(f->under_way);
	run_for(f->loop, 30);
	assert_false(f->done);
	start(f, "192.0.2.1");
	resolve_cancel(f->under_way);
	run_for(f->loop, 5);
	assert_false(f->done);
	start(f, "never.test");
	/* Left to resolver_free(). */
}

static void
the_hosts_file_has_names_in_any_case(void **state)
{
	char path[] = "/tmp/sallyport-hosts-XXXXXX", text[ADDR_TEXT];
	FILE *file = fdopen(mkstemp(path), "w");
	struct hosts *h;
	struct addr a;

	(void)state;
	fputs("# comment\n127.0.0.1\tlocalhost  Here # not.this\n"
	    "::1 localhost\nnonsense x\n192.0.2.1\n", file);
	fclose(file);
	h = hosts_load(path);
	assert_true(hosts_find(h, "here", 0, &a));
	addr_format(&a, text);
	assert_string_equal(text, "127.0.0.1:0");
	assert_true(hosts_find(h, "LOCALHOST", 1, &a));
	addr_format(&a, text);
	assert_string_equal(text, "[::1]:0");
	assert_false(hosts_find(h, "localhost", 2, &a));
	assert_false(hosts_find(h, "not.this", 0, &a));
	assert_false(hosts_find(h, "x", 0, &a));
	hosts_free(h);
	unlink(path);
}

static void
localhost_needs_no_file(void **state)
{
	struct hosts *h = hosts_load("/nonexistent/hosts");
	const char *const names[] = { "localhost", "LocalHost", "a.localhost" };
	char text[ADDR_TEXT];
	struct addr a;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_true(hosts_find(h, names[i], 0, &a));
		addr_format(&a, text);
		assert_string_equal(text, "127.0.0.1:0");
		assert_true(hosts_find(h, names[i], 1, &a));
		addr_format(&a, text);
		assert_string_equal(text, "[::1]:0");
		assert_false(hosts_find(h, names[i], 2, &a));
	}
	assert_false(hosts_find(h, "mylocalhost", 0, &a));
	assert_false(hosts_find(h, ".localhost", 0, &a));
	assert_false(hosts_find(h, "localhost.test", 0, &a));
	hosts_free(h);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(literals_need_no_name_server),
		CASE(a_name_has_the_addresses_of_its_records),
		CASE(families_are_interleaved),
		CASE(an_answer_is_kept_for_its_ttl),
		CASE(an_answer_is_kept_for_an_hour_at_most),
		CASE(nobody_waits_for_what_replaces_an_answer_of_just_now),
		CASE(look_ups_of_one_name_share_a_query),
		CASE(a_name_that_does_not_exist_says_so),
		CASE(a_name_that_failed_is_not_asked_for_again_at_once),
		CASE(what_failed_is_told_rather_than_what_does_not_exist),
		CASE(the_last_good_answer_is_used_when_dns_fails),
		CASE(an_answer_of_the_day_before_yesterday_is_no_answer),
		CASE(a_name_that_was_removed_has_no_addresses_any_more),
		CASE(the_last_good_answer_is_used_when_dns_is_silent),
		CASE(a_silent_name_server_ends_in_a_failure),
		CASE(a_name_server_silent_about_ipv6_is_not_waited_for),
		CASE(addresses_of_ipv6_that_come_late_are_for_the_next),
		CASE(a_late_answer_makes_the_other_no_younger),
		CASE(a_name_with_ipv6_alone_has_its_addresses),
		CASE(ipv6_alone_replaces_no_answer_until_ipv4_has_failed),
		CASE(ipv6_alone_will_do_where_there_is_nothing_else),
		CASE(an_answer_that_is_doubted_is_asked_for_again),
		CASE(what_comes_late_takes_no_doubt_away),
		CASE(doubt_is_heeded_once_in_five_seconds),
		CASE(what_is_doubted_is_used_where_nothing_else_can_be_had),
		CASE(doubted_addresses_of_a_silent_family_are_gone),
		CASE(literals_are_beyond_doubt),
		CASE(a_look_up_can_be_cancelled),
		cmocka_unit_test(the_hosts_file_has_names_in_any_case),
		cmocka_unit_test(localhost_needs_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
