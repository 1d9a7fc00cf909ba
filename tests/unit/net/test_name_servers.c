#include "net/name_servers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define THIS_MACHINE	"127.0.0.1"

static char path[32];
static struct name_servers *servers;

static void
write_file(const char *text)
{
	FILE *f = fopen(path, "w");

	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static int
setup(void **state)
{
	(void)state;
	strcpy(path, "/tmp/sallyport-servers-XXXXXX");
	close(mkstemp(path));
	write_file("nameserver 192.0.2.1\n");
	servers = name_servers_new(path);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	name_servers_free(servers);
	unlink(path);
	return 0;
}

static void
expect_list(const char *text, const char *expected)
{
	char list[NAME_SERVERS_LIST];

	name_servers_parse(text, list);
	assert_string_equal(list, expected);
}

static void
each_line_names_one(void **state)
{
	(void)state;
	expect_list("nameserver 192.0.2.1\n", "192.0.2.1");
	expect_list("# ours\nsearch a.test\nnameserver\t192.0.2.1 # first\r\n"
	    "options edns0\nnameserver 2001:db8::1", "192.0.2.1,[2001:db8::1]");
}

static void
what_is_no_address_is_no_name_server(void **state)
{
	(void)state;
	expect_list("nameserver ns.test\nnameserver 192.0.2.1.5\nnameserver\n"
	    " nameserver 192.0.2.7\nnameservers 192.0.2.8\n"
	    "; nameserver 192.0.2.9\nnameserver 192.0.2.1\n", "192.0.2.1");
	expect_list("nameserver fe80::1%eth0\nnameserver 192.0.2.1\n",
	    "192.0.2.1");
}

static void
where_none_is_named_this_machine_is_asked(void **state)
{
	(void)state;
	expect_list("", THIS_MACHINE);
	expect_list("search a.test\n", THIS_MACHINE);
}

static void
a_list_that_is_too_long_ends_with_a_whole_address(void **state)
{
	char text[4096] = "", list[NAME_SERVERS_LIST];

	(void)state;
	for (size_t i = 0; i < 100; i++)
		strcat(text, "nameserver 192.0.2.123\n");
	name_servers_parse(text, list);
	assert_true(strlen(list) > NAME_SERVERS_LIST - 12);
	assert_string_equal(strrchr(list, ','), ",192.0.2.123");
}

static void
a_file_that_is_as_it_was_is_no_news(void **state)
{
	unsigned version = name_servers_version(servers);

	(void)state;
	assert_null(name_servers_news(servers, &version));
	assert_null(name_servers_news(servers, &version));
}

static void
a_change_is_news_once_for_each_who_asks(void **state)
{
	unsigned one = name_servers_version(servers), other = one;

	(void)state;
	write_file("nameserver 192.0.2.77\n");
	assert_string_equal(name_servers_news(servers, &one), "192.0.2.77");
	assert_null(name_servers_news(servers, &one));
	assert_string_equal(name_servers_news(servers, &other), "192.0.2.77");
	assert_null(name_servers_news(servers, &other));
	assert_int_equal(one, other);
}

static void
a_file_that_is_gone_has_not_changed(void **state)
{
	unsigned version = name_servers_version(servers);

	(void)state;
	unlink(path);
	assert_null(name_servers_news(servers, &version));
	assert_int_equal(mkdir(path, 0700), 0);
	assert_null(name_servers_news(servers, &version));
	assert_int_equal(rmdir(path), 0);
	write_file("nameserver 192.0.2.78\n");
	assert_string_equal(name_servers_news(servers, &version),
	    "192.0.2.78");
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(each_line_names_one),
		CASE(what_is_no_address_is_no_name_server),
		CASE(where_none_is_named_this_machine_is_asked),
		CASE(a_list_that_is_too_long_ends_with_a_whole_address),
		CASE(a_file_that_is_as_it_was_is_no_news),
		CASE(a_change_is_news_once_for_each_who_asks),
		CASE(a_file_that_is_gone_has_not_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
