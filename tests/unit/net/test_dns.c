#include "net/dns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "name_server.h"
#include "turns.h"

struct fixture {
	struct loop *loop;
	struct name_server server;
	char file[32];			/* the name servers, as resolv.conf */
	char ip[32];			/* the one that it names */
	struct dns *dns;
	unsigned done;
	bool is_done;
	char got[512];			/* the addresses, space-separated */
	int ttl;
	bool none;
	char why[256];
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->loop = loop_new();
	name_server_start(&f->server, f->loop);
	f->server.v4[0] = "192.0.2.1";
	strcpy(f->file, "/tmp/sallyport-dns-XXXXXX");
	close(mkstemp(f->file));
	f->dns = dns_new(f->loop, f->file, f->why, sizeof(f->why));
	assert_non_null(f->dns);
	assert_true(dns_set_servers(f->dns, f->server.address));
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	dns_free(f->dns);
	name_server_stop(&f->server);
	loop_free(f->loop);
	unlink(f->file);
	free(f);
	return 0;
}

static void
on_answer(void *owner, const struct dns_answer *a)
{
	struct fixture *f = owner;

	f->done++;
	f->is_done = true;
	f->got[0] = '\0';
	for (size_t i = 0; i < a->n; i++) {
		size_t at = strlen(f->got);
		char text[ADDR_TEXT];

		addr_format(&a->addrs[i], text);
		snprintf(f->got + at, sizeof(f->got) - at, "%s%s",
		    at != 0 ? " " : "", text);
	}
	f->ttl = a->ttl;
	f->none = a->none;
	if (a->n == 0)
		snprintf(f->why, sizeof(f->why), "%s", a->why);
}

static void
expect(struct fixture *f, enum dns_family family, const char *addrs)
{
	f->is_done = false;
	f->done = 0;
	dns_ask(f->dns, "api.test", family, on_answer, f);
	run_until(f->loop, &f->is_done);
	assert_string_equal(f->got, addrs);
}

static void
each_family_has_its_addresses_and_their_age(void **state)
{
	struct fixture *f = *state;

	f->server.v4[1] = "192.0.2.2";
	f->server.v6[0] = "2001:db8::1";
	f->server.ttl = 7;
	expect(f, DNS_IPV4, "192.0.2.1:0 192.0.2.2:0");
	assert_int_equal(f->ttl, 7);
	assert_int_equal(f->server.asked_v6, 0);
	expect(f, DNS_IPV6, "[2001:db8::1]:0");
	assert_int_equal(f->server.asked, 1);
}

static void
addresses_of_an_alias_are_no_older_than_it(void **state)
{
	struct fixture *f = *state;

	f->server.ttl = 3600;
	f->server.alias_ttl = 5;
	expect(f, DNS_IPV4, "192.0.2.1:0");
	assert_int_equal(f->ttl, 5);
}

static void
of_very_many_addresses_some_are_taken(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < 19; i++)
		f->server.v4[i] = "192.0.2.1";
#define FOUR(text)	text text text text
	expect(f, DNS_IPV4, FOUR("192.0.2.1:0 192.0.2.1:0 192.0.2.1:0 ")
	    "192.0.2.1:0 192.0.2.1:0 192.0.2.1:0 192.0.2.1:0");
#undef FOUR
}

static void
a_failure_is_told_with_its_reason(void **state)
{
	struct fixture *f = *state;

	f->server.rcode = RCODE_NXDOMAIN;
	expect(f, DNS_IPV4, "");
	assert_non_null(strstr(f->why, "not found"));
	assert_true(f->none);
	f->server.rcode = RCODE_SERVFAIL;
	expect(f, DNS_IPV4, "");
	assert_false(f->none);
}

static void
a_name_without_addresses_is_a_failure(void **state)
{
	struct fixture *f = *state;

	f->server.v4[0] = NULL;
	expect(f, DNS_IPV4, "");
	assert_string_not_equal(f->why, "");
	assert_true(f->none);
}

/* -- ports -- */

static size_t
count_different(const struct name_server *s, bool ids)
{
	size_t n = s->asked, different = 0;

	assert_true(n >= 100);
	for (size_t i = 0; i < n; i++) {
		const struct name_server_query *q = s->queries;
		size_t j = 0;

		while (ids ? q[j].id != q[i].id : q[j].port != q[i].port)
			j++;
		different += j == i;
	}
	return different;
}

static void
queries_at_the_same_time_leave_from_several_ports(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < 100; i++)
		dns_ask(f->dns, "api.test", DNS_IPV4, on_answer, f);
	while (f->done < 100) {
		f->is_done = false;
		run_until(f->loop, &f->is_done);
	}
	assert_true(count_different(&f->server, false) >= 8);
	assert_true(count_different(&f->server, true) >= 90);
}

static void
queries_one_after_the_other_leave_from_several_ports(void **state)
{
	struct fixture *f = *state;

	/* This one keeps a socket open. */
	f->server.silent_v6 = true;
	dns_ask(f->dns, "api.test", DNS_IPV6, on_answer, f);
	for (size_t i = 0; i < 100; i++)
		expect(f, DNS_IPV4, "192.0.2.1:0");
	assert_true(count_different(&f->server, false) >= 8);
	assert_true(count_different(&f->server, true) >= 90);
}

/* -- the end -- */

static void
nothing_is_told_after_the_end(void **state)
{
	struct fixture *f = *state;

	f->server.silent = true;
	dns_ask(f->dns, "api.test", DNS_IPV4, on_answer, f);
	dns_free(f->dns);
	f->dns = NULL;
	run_for(f->loop, 5);
	assert_int_equal(f->done, 0);
}

/* -- resolv.conf -- */

/*
 * A name server at an address of this process alone, named by the file with
 * these lines behind it.
 */
static void
start_in_file(struct fixture *f, struct name_server *s, int last,
    const char *more)
{
	FILE *file = fopen(f->file, "w");

	snprintf(f->ip, sizeof(f->ip), "127.%d.%d.%d", 64 + (getpid() >> 16 & 63),
	    getpid() >> 8 & 255, (getpid() & 127) * 2 + last);
	fprintf(file, "nameserver %s\n%s", f->ip, more);
	assert_int_equal(fclose(file), 0);
	if (name_server_start_at(s, f->loop, f->ip))
		return;
	/* Only root may use the port, which resolv.conf cannot name. */
	skip();
}

/* The fixture's asks whom the file names. */
static void
read_file(struct fixture *f)
{
	dns_free(f->dns);
	f->dns = dns_new(f->loop, f->file, f->why, sizeof(f->why));
	assert_non_null(f->dns);
}

static void
servers_of_a_changed_file_are_asked_what_is_under_way(void **state)
{
	struct fixture *f = *state;
	struct name_server silent, other;

	start_in_file(f, &silent, 0, "");
	silent.silent = true;
	read_file(f);
	dns_ask(f->dns, "api.test", DNS_IPV4, on_answer, f);
	run_for(f->loop, 50);
	assert_int_equal(f->done, 0);
	assert_int_not_equal(silent.asked, 0);
	start_in_file(f, &other, 1, "");
	other.v4[0] = "192.0.2.1";
	/* No name at all: it fails at once. */
	dns_ask(f->dns, "a..b", DNS_IPV4, on_answer, f);
	while (f->done < 2) {
		f->is_done = false;
		run_until(f->loop, &f->is_done);
	}
	assert_string_equal(f->got, "192.0.2.1:0");
	assert_int_equal(dns_generation(f->dns), 1);
	name_server_stop(&silent);
	name_server_stop(&other);
}

static void
what_failed_is_asked_for_again_where_the_file_has_changed(void **state)
{
	struct fixture *f = *state;
	struct name_server before, after;

	start_in_file(f, &before, 0, "");
	before.rcode = RCODE_NXDOMAIN;
	read_file(f);
	start_in_file(f, &after, 1, "");
	after.v4[0] = "192.0.2.1";
	expect(f, DNS_IPV4, "192.0.2.1:0");
	assert_int_equal(f->done, 1);
	assert_int_equal(before.asked, 1);
	/* And not for ever. */
	after.rcode = RCODE_NXDOMAIN;
	expect(f, DNS_IPV4, "");
	assert_int_equal(f->done, 1);
	assert_int_equal(after.asked, 2);
	name_server_stop(&before);
	name_server_stop(&after);
}

static void
a_file_that_is_gone_leaves_its_servers(void **state)
{
	struct fixture *f = *state;
	struct name_server server;

	start_in_file(f, &server, 0, "");
	server.rcode = RCODE_SERVFAIL;
	read_file(f);
	unlink(f->file);
	expect(f, DNS_IPV4, "");
	server.rcode = RCODE_OK;
	server.v4[0] = "192.0.2.1";
	expect(f, DNS_IPV4, "192.0.2.1:0");
	name_server_stop(&server);
}

/* -- who looks -- */

static unsigned looks;

static void
on_look(void *owner)
{
	looks++;
	(void)owner;
}

/* A query that fails; it asks whether the file has changed. */
static void
fail_once(struct fixture *f, struct name_server *silent)
{
	start_in_file(f, silent, 0, "");
	silent->rcode = RCODE_NXDOMAIN;
	read_file(f);
	looks = 0;
	dns_set_look(f->dns, on_look, f);
	f->is_done = false;
	dns_ask(f->dns, "api.test", DNS_IPV4, on_answer, f);
	while (looks == 0)
		run_for(f->loop, 1);
	assert_int_equal(f->done, 0);
}

static void
another_process_says_which_servers_to_ask(void **state)
{
	struct fixture *f = *state;
	struct name_server before, after;

	fail_once(f, &before);
	start_in_file(f, &after, 1, "");
	after.v4[0] = "192.0.2.1";
	dns_looked(f->dns, f->ip);
	run_until(f->loop, &f->is_done);
	assert_string_equal(f->got, "192.0.2.1:0");
	assert_int_equal(looks, 1);
	assert_int_equal(f->done, 1);
	name_server_stop(&before);
	name_server_stop(&after);
}

static void
a_failure_is_told_when_another_process_says_that_nothing_changed(void **state)
{
	struct fixture *f = *state;
	struct name_server before;

	fail_once(f, &before);
	/* Once is enough, for any number of them. */
	dns_renew(f->dns);
	assert_int_equal(looks, 1);
	dns_looked(f->dns, NULL);
	run_until(f->loop, &f->is_done);
	assert_string_equal(f->got, "");
	assert_int_equal(dns_generation(f->dns), 0);
	name_server_stop(&before);
}

static void
a_process_that_says_nothing_holds_no_failure_up(void **state)
{
	struct fixture *f = *state;
	struct name_server before;

	fail_once(f, &before);
	run_until(f->loop, &f->is_done);
	assert_string_equal(f->got, "");
	name_server_stop(&before);
}

static void
servers_that_cannot_be_used_leave_those_before(void **state)
{
	struct fixture *f = *state;
	struct name_server before;

	fail_once(f, &before);
	dns_looked(f->dns, "no address");
	run_until(f->loop, &f->is_done);
	before.rcode = RCODE_OK;
	before.v4[0] = "192.0.2.1";
	expect(f, DNS_IPV4, "192.0.2.1:0");
	name_server_stop(&before);
}

/* What resolver(5) would make of them all: other names than the one asked. */
static void
write_aliases(char *path)
{
	FILE *file;

	close(mkstemp(path));
	file = fopen(path, "w");
	fputs("api evil.example\n", file);
	assert_int_equal(fclose(file), 0);
	setenv("HOSTALIASES", path, 1);
	setenv("LOCALDOMAIN", "evil.example", 1);
	setenv("RES_OPTIONS", "ndots:9", 1);
}

static void
no_name_but_the_one_given_is_asked_for(void **state)
{
	static const char *const names[][2] = {
		{ "api.test", "api.test" }, { "api", "api" },
		{ "api.test.", "api.test" }, { "a.b.c.d.e.f", "a.b.c.d.e.f" },
	};
	char aliases[] = "/tmp/sallyport-aliases-XXXXXX";
	struct fixture *f = *state;
	struct name_server server;

	start_in_file(f, &server, 0,
	    "search evil.example other.example\noptions ndots:5\n");
	write_aliases(aliases);
	read_file(f);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		server.rcode = i % 2 == 0 ? RCODE_NXDOMAIN : RCODE_OK;
		server.name = names[i][1];
		f->is_done = false;
		dns_ask(f->dns, names[i][0], DNS_IPV4, on_answer, f);
		run_until(f->loop, &f->is_done);
		assert_int_equal(server.asked, i + 1);
		assert_int_equal(server.unexpected, 0);
	}
	unsetenv("HOSTALIASES");
	unsetenv("LOCALDOMAIN");
	unsetenv("RES_OPTIONS");
	unlink(aliases);
	name_server_stop(&server);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(each_family_has_its_addresses_and_their_age),
		CASE(addresses_of_an_alias_are_no_older_than_it),
		CASE(of_very_many_addresses_some_are_taken),
		CASE(a_failure_is_told_with_its_reason),
		CASE(a_name_without_addresses_is_a_failure),
		CASE(queries_at_the_same_time_leave_from_several_ports),
		CASE(queries_one_after_the_other_leave_from_several_ports),
		CASE(nothing_is_told_after_the_end),
		CASE(servers_of_a_changed_file_are_asked_what_is_under_way),
		CASE(what_failed_is_asked_for_again_where_the_file_has_changed),
		CASE(a_file_that_is_gone_leaves_its_servers),
		CASE(another_process_says_which_servers_to_ask),
		CASE(a_failure_is_told_when_another_process_says_that_nothing_changed),
		CASE(a_process_that_says_nothing_holds_no_failure_up),
		CASE(servers_that_cannot_be_used_leave_those_before),
		CASE(no_name_but_the_one_given_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
