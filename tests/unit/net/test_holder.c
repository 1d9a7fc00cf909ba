/*
 * Who listens: sockets of this very process, and of none.
 */
#include "net/holder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct fixture {
	int fd;
	struct addr at;		/* where fd listens */
};

static void
parse(const char *text, struct addr *a)
{
	const char *why;

	if (!addr_parse(text, a, &why))
		fail_msg("%s: %s", text, why);
}

/* The kernel chooses the port. */
static void
listen_at(struct fixture *f, const char *text)
{
	int on = 1;

	parse(text, &f->at);
	f->fd = socket(f->at.sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(f->fd >= 0);
	if (f->at.sa.sa_family == AF_INET6)
		assert_int_equal(setsockopt(f->fd, IPPROTO_IPV6, IPV6_V6ONLY,
		    &on, sizeof(on)), 0);
	assert_int_equal(bind(f->fd, &f->at.sa, f->at.len), 0);
	assert_int_equal(listen(f->fd, 1), 0);
	f->at.len = sizeof(f->at.ss);
	if (f->at.kind == ADDR_INET)
		assert_int_equal(getsockname(f->fd, &f->at.sa, &f->at.len), 0);
}

/* That address with the port where it listens is its. */
static bool
is_held(const struct fixture *f, const char *text)
{
	char expected[HOLDER_TEXT], said[HOLDER_TEXT];
	struct holder h;
	struct addr a;

	parse(text, &a);
	addr_set_port(&a, addr_port(&f->at));
	/* Others may listen on that port of another address. */
	if (!holder_find(&a, &h) || h.pid != getpid())
		return false;
	assert_string_equal(h.name, "test_holder");
	if (a.kind == ADDR_INET)
		assert_int_equal(h.uid, geteuid());
	holder_format(&h, said);
	assert_string_equal(said, " by another listener");
	h.pid++;
	holder_format(&h, said);
	(void)snprintf(expected, sizeof(expected), " by process %d "
	    "(test_holder)", (int)h.pid);
	assert_string_equal(said, expected);
	return true;
}

static void
who_listens_at_an_address_has_it(void **state)
{
	struct fixture f;

	(void)state;
	listen_at(&f, "127.0.0.1:0");
	assert_true(is_held(&f, "127.0.0.1:0"));
	assert_true(is_held(&f, "0.0.0.0:0"));
	assert_false(is_held(&f, "127.0.0.2:0"));
	assert_false(is_held(&f, "[::1]:0"));
	close(f.fd);
	assert_false(is_held(&f, "127.0.0.1:0"));
}

static void
who_listens_at_all_addresses_has_each(void **state)
{
	struct fixture f;

	(void)state;
	listen_at(&f, "0.0.0.0:0");
	assert_true(is_held(&f, "127.0.0.1:0"));
	assert_true(is_held(&f, "192.0.2.1:0"));
	assert_false(is_held(&f, "[::1]:0"));
	close(f.fd);
}

static void
ipv6_is_found_as_well(void **state)
{
	struct fixture f;

	(void)state;
	listen_at(&f, "[::1]:0");
	assert_true(is_held(&f, "[::1]:0"));
	assert_true(is_held(&f, "[::]:0"));
	assert_false(is_held(&f, "[2001:db8::1]:0"));
	assert_false(is_held(&f, "127.0.0.1:0"));
	close(f.fd);
}

/* It is the file that counts; its name may hold a blank. */
static void
a_unix_socket_is_found_however_it_is_spelled(void **state)
{
	char folder[] = "/tmp/sallyport-holder.XXXXXX", text[80], other[80];
	struct fixture f;

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(text, sizeof(text), "unix:%s/a socket", folder);
	(void)snprintf(other, sizeof(other), "unix:/tmp/..%s/./a socket",
	    folder);
	listen_at(&f, text);
	assert_true(is_held(&f, text));
	assert_true(is_held(&f, other));
	close(f.fd);
	assert_false(is_held(&f, text));
	assert_int_equal(unlink(f.at.un.sun_path), 0);
	assert_int_equal(rmdir(folder), 0);
}

static void
who_may_not_be_seen_is_told_by_user_if_at_all(void **state)
{
	struct holder h = { .uid = 1234 };
	char said[HOLDER_TEXT];

	(void)state;
	holder_format(&h, said);
	assert_string_equal(said, " by a program of user 1234");
	h.uid = UINT32_MAX;
	holder_format(&h, said);
	assert_string_equal(said, " by another program");
}

/* A child of that name that has all sockets of ours. */
static pid_t
start_named(const char *name)
{
	int ready[2];
	char byte = 0;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)prctl(PR_SET_NAME, name);
		while (write(ready[1], &byte, 1) == 1)
			(void)pause();
		_exit(1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void
end(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* It is older than the service that it passed the socket to. */
static void
a_service_manager_is_told_unless_its_service_runs(void **state)
{
	pid_t manager, service;
	char said[HOLDER_TEXT];
	struct fixture f;
	struct holder h;

	(void)state;
	listen_at(&f, "127.0.0.1:0");
	manager = start_named("systemd");
	service = start_named("service");
	close(f.fd);
	assert_true(holder_find(&f.at, &h));
	assert_int_equal(h.pid, service);
	assert_string_equal(h.name, "service");
	assert_false(h.managed);
	end(service);
	assert_true(holder_find(&f.at, &h));
	assert_int_equal(h.pid, manager);
	assert_true(h.managed);
	holder_format(&h, said);
	assert_string_equal(said, " by systemd, for the service that it passes "
	    "it to");
	end(manager);
	assert_false(holder_find(&f.at, &h));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_listens_at_an_address_has_it),
		cmocka_unit_test(who_listens_at_all_addresses_has_each),
		cmocka_unit_test(ipv6_is_found_as_well),
		cmocka_unit_test(a_unix_socket_is_found_however_it_is_spelled),
		cmocka_unit_test(who_may_not_be_seen_is_told_by_user_if_at_all),
		cmocka_unit_test(a_service_manager_is_told_unless_its_service_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
