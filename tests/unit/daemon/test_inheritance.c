/*
 * What systemd passes in by its address: which of it a listener takes, and what
 * is said of the rest.  By its name it is taken in test_sockets.c.
 */
#include "daemon/inheritance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/inherited.h"
#include "daemon/sockets.h"
#include "listener_given.h"

#define MOST	3		/* listeners, and sockets passed in */

struct fixture {
	char dir[32];
	struct conf_listener listeners[MOST];
	struct conf conf;
	struct conf_diagnostics diagnostics;
	struct sockets sockets;
	int passed;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	strcpy(f->dir, "/tmp/sallyport-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->conf.listeners = f->listeners;
	f->conf.file = xstrdup("main");
	*state = f;
	return 0;
}

/* What systemd has goes on in the test, until this. */
static void
occupy(void)
{
	int nothing = open("/dev/null", O_RDONLY);

	for (int i = 0; i < MOST; i++)
		assert_int_equal(dup2(nothing, INHERITED_FIRST + i),
		    INHERITED_FIRST + i);
	if (nothing >= INHERITED_FIRST + MOST)
		close(nothing);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	char *command = xasprintf("rm -r %s", f->dir);
	int failed;

	sockets_release(&f->sockets);
	conf_diagnostics_free(&f->diagnostics);
	for (size_t i = 0; i < f->conf.n_listeners; i++)
		free(f->listeners[i].name);
	free(f->conf.file);
	unsetenv("LISTEN_PID");
	inherited_claim();
	occupy();
	failed = system(command);
	free(command);
	free(f);
	return failed;
}

/* -- what the service manager does -- */

static void
claim(const struct fixture *f)
{
	char pid[16], n[16], names[64] = "zero";

	for (int i = 1; i < f->passed; i++)
		strcat(names, i == 1 ? ":one" : ":two");
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	snprintf(n, sizeof(n), "%d", f->passed);
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", n, 1);
	setenv("LISTEN_FDNAMES", names, 1);
	inherited_claim();
}

/* The next descriptor becomes that socket. */
static void
pass(struct fixture *f, int fd)
{
	int at = INHERITED_FIRST + f->passed++;

	assert_in_range(f->passed, 1, MOST);
	assert_int_equal(dup2(fd, at), at);
	close(fd);
	claim(f);
}

static int
make_bound(int type, const struct sockaddr *sa, socklen_t len)
{
	int fd = socket(sa->sa_family, type, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	assert_int_equal(bind(fd, sa, len), 0);
	return fd;
}

static struct addr
parse(const char *address)
{
	const char *why;
	struct addr a;

	if (!addr_parse(address, &a, &why))
		fail_msg("%s: %s", address, why);
	return a;
}

/* Where it is, to be freed. */
static char *
text_of_bound(const struct fixture *f)
{
	struct addr bound;
	char text[ADDR_TEXT];

	assert_true(inherited_bound((size_t)f->passed - 1, &bound));
	addr_format(&bound, text);
	return xstrdup(text);
}

static char *
pass_listening(struct fixture *f, const char *address)
{
	struct addr a = parse(address);
	int fd = make_bound(SOCK_STREAM, &a.sa, a.len);

	assert_int_equal(listen(fd, 8), 0);
	pass(f, fd);
	return text_of_bound(f);
}

static char *
pass_unix(struct fixture *f, int type, mode_t mode)
{
	char *address = xasprintf("unix:%s/s", f->dir);
	struct addr a = parse(address);
	int fd = make_bound(type, &a.sa, a.len);

	assert_int_equal(chmod(a.un.sun_path, mode), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 8), 0);
	pass(f, fd);
	return address;
}

/* -- what the daemon does -- */

static struct conf_listener *
add(struct fixture *f, const char *name, const char *address)
{
	size_t line = ++f->conf.n_listeners;
	struct conf_listener *l;

	assert_in_range(line, 1, MOST);
	l = listener_given(&f->listeners[line - 1], line, name, address);
	l->nonlocal = true;
	l->tls.certificate = TEXT("a certificate");
	return l;
}

static bool
is_never_asked(void *ctx, const struct holder *holder)
{
	(void)ctx;
	(void)holder;
	return false;
}

static void
forget(struct fixture *f)
{
	conf_diagnostics_free(&f->diagnostics);
	f->diagnostics = (struct conf_diagnostics){ .n = 0 };
}

/* run and check say the same. */
static void
open_all(struct fixture *f)
{
	const struct sockets_asker asker = { is_never_asked, NULL };
	size_t n, errors;

	sockets_try(&f->conf, &asker, &f->diagnostics);
	n = f->diagnostics.n;
	errors = f->diagnostics.n_errors;
	forget(f);
	sockets_open(&f->sockets, f->listeners, f->conf.n_listeners, NULL,
	    &f->diagnostics);
	inheritance_check(&f->conf, &f->diagnostics);
	assert_int_equal(f->diagnostics.n, n);
	assert_int_equal(f->diagnostics.n_errors, errors);
}

static void
expect_none(const struct fixture *f)
{
	if (f->diagnostics.n != 0)
		fail_msg("%s", f->diagnostics.v[0].text);
}

/* The i-th of them. */
static void
expect(const struct fixture *f, size_t i, bool warning, const char *text)
{
	const struct conf_diagnostic *d;

	assert_in_range(i, 0, f->diagnostics.n - 1);
	d = &f->diagnostics.v[i];
	if (strstr(d->text, text) == NULL || d->warning != warning)
		fail_msg("%s, not %s", d->text, text);
}

static void
expect_only(const struct fixture *f, bool warning, const char *text)
{
	expect(f, 0, warning, text);
	if (f->diagnostics.n != 1)
		fail_msg("and %s", f->diagnostics.v[1].text);
}

/* Both are one and the same socket. */
static bool
is_passed(int fd, int number)
{
	struct stat a, b;

	assert_int_equal(fstat(fd, &a), 0);
	assert_int_equal(fstat(INHERITED_FIRST + number, &b), 0);
	return a.st_ino == b.st_ino;
}

/* -- by its address -- */

static void
a_socket_that_is_bound_to_its_address_is_taken_whatever_its_name(void **state)
{
	struct fixture *f = *state;
	char *first = pass_listening(f, "127.0.0.1:0");
	char *second = pass_listening(f, "[::1]:0");

	add(f, "b", second);
	add(f, "a", first);
	open_all(f);
	expect_none(f);
	assert_true(is_passed(f->sockets.fds[0], 1));
	assert_true(is_passed(f->sockets.fds[1], 0));
	assert_true(sockets_followed(&f->sockets));
	assert_true((fcntl(INHERITED_FIRST, F_GETFD) & FD_CLOEXEC) != 0);
	free(first);
	free(second);
}

static void
where_none_is_one_is_made_and_a_port_of_the_kernel_is_none(void **state)
{
	struct fixture *f = *state;

	free(pass_listening(f, "127.0.0.1:0"));
	add(f, "own", "127.0.0.1:0");
	add(f, "web", "fd:zero");
	open_all(f);
	expect_none(f);
	assert_false(is_passed(f->sockets.fds[0], 0));
	assert_true(is_passed(f->sockets.fds[1], 0));
}

static void
what_was_passed_to_another_process_is_not_ours(void **state)
{
	struct fixture *f = *state;
	char *text = pass_listening(f, "127.0.0.1:0");

	setenv("LISTEN_PID", "1", 1);
	inherited_claim();
	add(f, "web", text);
	assert_int_equal(inherited_find(&f->listeners[0].address), -1);
	assert_int_equal(inherited_count(), 0);
	free(text);
}

static void
a_path_is_the_same_however_its_folder_is_spelled(void **state)
{
	struct fixture *f = *state;
	char *link = xasprintf("%s/link", f->dir), *address;
	struct conf_listener *l;

	free(pass_unix(f, SOCK_STREAM, 0600));
	assert_int_equal(symlink(f->dir, link), 0);
	address = xasprintf("unix:%s/s", link);
	l = add(f, "web", address);
	open_all(f);
	expect_none(f);
	assert_true(is_passed(f->sockets.fds[0], 0));
	/* It is systemd's, and clients go on finding it. */
	sockets_shut(&f->sockets, NULL);
	sockets_release(&f->sockets);
	assert_int_equal(access(l->address.un.sun_path, F_OK), 0);
	free(address);
	free(link);
}

static void
an_ipv4_address_may_be_written_as_one_of_ipv6(void **state)
{
	struct fixture *f = *state;
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	char text[32];
	struct addr bound;
	int fd;

	in6.sin6_addr.s6_addr[10] = in6.sin6_addr.s6_addr[11] = 0xff;
	in6.sin6_addr.s6_addr[12] = 127;
	in6.sin6_addr.s6_addr[15] = 1;
	fd = make_bound(SOCK_STREAM, (const void *)&in6, sizeof(in6));
	assert_int_equal(listen(fd, 8), 0);
	pass(f, fd);
	assert_true(inherited_bound(0, &bound));
	snprintf(text, sizeof(text), "127.0.0.1:%u", addr_port(&bound));
	add(f, "web", text);
	open_all(f);
	expect_none(f);
	assert_true(is_passed(f->sockets.fds[0], 0));
}

static void
one_at_all_addresses_that_takes_ipv4_too_is_warned_of(void **state)
{
	struct fixture *f = *state;
	struct addr a = parse("[::]:0");
	char *text = pass_listening(f, "[::]:0");
	int fd = socket(AF_INET6, SOCK_STREAM, 0), on = 1;

	add(f, "web", text);
	open_all(f);
	expect_only(f, true, "takes clients of IPv4, too");
	forget(f);
	sockets_release(&f->sockets);
	/* Not so, where it is of IPv6 alone. */
	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	assert_int_equal(bind(fd, &a.sa, a.len), 0);
	assert_int_equal(listen(fd, 8), 0);
	f->passed = 0;
	pass(f, fd);
	free(text);
	text = text_of_bound(f);
	f->listeners[0].address = parse(text);
	open_all(f);
	expect_none(f);
	free(text);
}

/* -- what is in the way -- */

static void
expect_in_the_way(struct fixture *f, const char *passed, const char *host)
{
	char *text = pass_listening(f, passed);
	char *address = xasprintf("%s%s", host, strrchr(text, ':')), *why;

	add(f, "web", address);
	sockets_open(&f->sockets, f->listeners, 1, NULL, &f->diagnostics);
	why = xasprintf("%s: the socket that systemd passed in, at %s, is in "
	    "its way", address, text);
	expect_only(f, false, why);
	free(why);
	free(address);
	free(text);
}

static void
one_at_all_addresses_is_not_one_at_a_single_one(void **state)
{
	expect_in_the_way(*state, "0.0.0.0:0", "127.0.0.1");
}

static void
nor_the_other_way_round(void **state)
{
	expect_in_the_way(*state, "127.0.0.1:0", "0.0.0.0");
}

static void
one_of_both_families_is_none_of_ipv4(void **state)
{
	expect_in_the_way(*state, "[::]:0", "0.0.0.0");
}

/* -- what cannot be served -- */

static void
one_that_does_not_listen_is_a_fault(void **state)
{
	struct fixture *f = *state;
	struct addr a = parse("127.0.0.1:0");
	char *text;

	pass(f, make_bound(SOCK_STREAM, &a.sa, a.len));
	text = text_of_bound(f);
	add(f, "web", text);
	open_all(f);
	expect_only(f, false, "what systemd passed in there does not listen");
	free(text);
}

/* That of UDP is in nobody's way. */
static void
one_of_datagrams_is_taken_by_nobody(void **state)
{
	struct fixture *f = *state;
	/* Where no client of somebody else has the same port of TCP. */
	struct addr a = parse("127.115.97.108:0");
	char *text;

	pass(f, make_bound(SOCK_DGRAM, &a.sa, a.len));
	text = text_of_bound(f);
	add(f, "web", text);
	open_all(f);
	expect_only(f, true, "\"fd:zero\" can be served by no listener: it is "
	    "not a stream socket");
	assert_int_equal(f->sockets.n, 1);
	assert_false(is_passed(f->sockets.fds[0], 0));
	free(text);
}

static void
a_path_that_one_of_datagrams_has_is_a_fault(void **state)
{
	struct fixture *f = *state;
	char *address = pass_unix(f, SOCK_DGRAM, 0600);

	add(f, "web", address);
	open_all(f);
	expect_only(f, false, "what systemd passed in there is not a stream");
	free(address);
}

static void
what_is_no_socket_is_told(void **state)
{
	struct fixture *f = *state;

	pass(f, open("/dev/null", O_RDONLY));
	add(f, "web", "fd:zero");
	open_all(f);
	expect_only(f, false, "fd:zero: is neither a socket of TCP nor");
}

/* -- what is said of the rest -- */

static void
one_that_no_listener_serves_is_told_with_its_addresses(void **state)
{
	struct fixture *f = *state;
	char *text = pass_listening(f, "127.0.0.1:0"), *why;

	open_all(f);
	why = xasprintf("no listener serves: give one the address \"%s\" or "
	    "\"fd:zero\", or", text);
	expect_only(f, true, why);
	free(why);
	free(text);
}

static void
an_abstract_or_relative_one_can_be_named_by_its_name_only(void **state)
{
	struct fixture *f = *state;
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	char *address = xasprintf("unix:%s/s", f->dir);
	int fd, here = open(".", O_RDONLY | O_DIRECTORY);

	snprintf(un.sun_path + 1, sizeof(un.sun_path) - 1, "%s", f->dir);
	fd = make_bound(SOCK_STREAM, (const void *)&un, sizeof(sa_family_t) +
	    1 + (socklen_t)strlen(f->dir));
	assert_int_equal(listen(fd, 8), 0);
	pass(f, fd);
	strcpy(un.sun_path, "s");
	assert_int_equal(chdir(f->dir), 0);
	fd = make_bound(SOCK_STREAM, (const void *)&un, sizeof(un));
	assert_int_equal(listen(fd, 8), 0);
	pass(f, fd);
	open_all(f);
	assert_int_equal(fchdir(here), 0);
	close(here);
	assert_int_equal(f->diagnostics.n, 2);
	expect(f, 0, true, "give one the address \"fd:zero\", or");
	expect(f, 1, true, "give one the address \"fd:one\", or");
	assert_int_equal(inherited_find(&(struct addr){ .kind = ADDR_UNIX }),
	    -1);
	sockets_release(&f->sockets);
	forget(f);
	f->passed = 1;
	claim(f);
	add(f, "web", "fd:zero");
	open_all(f);
	expect_none(f);
	free(address);
}

static void
of_two_at_one_address_the_second_is_told(void **state)
{
	struct fixture *f = *state;
	char *text = pass_listening(f, "127.0.0.1:0"), *again;

	again = pass_listening(f, text);
	add(f, "web", text);
	open_all(f);
	expect_only(f, true, "more than one socket 'one', of which the first");
	assert_true(is_passed(f->sockets.fds[0], 0));
	free(again);
	free(text);
}

static void
two_listeners_cannot_have_the_same(void **state)
{
	struct fixture *f = *state;
	char *text = pass_listening(f, "127.0.0.1:0");

	add(f, "first", "fd:zero");
	add(f, "second", text);
	open_all(f);
	expect_only(f, false, "listener second: the socket that systemd passed "
	    "in is that of listener first already");
	free(text);
}

/* -- whose a path is -- */

static void
a_mode_that_is_not_the_listeners_is_a_fault(void **state)
{
	struct fixture *f = *state;
	char *address = pass_unix(f, SOCK_STREAM, 0666);
	struct conf_listener *l = add(f, "web", address);

	open_all(f);
	expect_only(f, false, "has the mode 0666 and not 0600: let the option "
	    "'mode' and SocketMode=");
	sockets_release(&f->sockets);
	forget(f);
	l->mode = 0666;
	open_all(f);
	expect_none(f);
	free(address);
}

static void
so_are_an_owner_and_a_group(void **state)
{
	struct fixture *f = *state;
	char *address = pass_unix(f, SOCK_STREAM, 0600);
	struct conf_listener *l = add(f, "web", address);

	l->owner = geteuid() + 1;
	l->group = getegid() + 1;
	open_all(f);
	assert_int_equal(f->diagnostics.n, 2);
	expect(f, 0, false, "another owner: let the option and SocketUser=");
	expect(f, 1, false, "another group: let the option and SocketGroup=");
	free(address);
}

/* A reload with other options does not change what is systemd's. */
static void
permissions_of_a_path_stay_as_systemd_made_them(void **state)
{
	struct fixture *f = *state;
	char *address = pass_unix(f, SOCK_STREAM, 0660);
	struct conf_listener *l = add(f, "web", address);
	struct stat st;

	l->mode = 0660;
	open_all(f);
	l->mode = 0600;
	assert_true(sockets_permit(&f->sockets, &f->diagnostics));
	assert_int_equal(stat(l->address.un.sun_path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	free(address);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(a_socket_that_is_bound_to_its_address_is_taken_whatever_its_name),
		CASE(where_none_is_one_is_made_and_a_port_of_the_kernel_is_none),
		CASE(what_was_passed_to_another_process_is_not_ours),
		CASE(a_path_is_the_same_however_its_folder_is_spelled),
		CASE(an_ipv4_address_may_be_written_as_one_of_ipv6),
		CASE(one_at_all_addresses_that_takes_ipv4_too_is_warned_of),
		CASE(one_at_all_addresses_is_not_one_at_a_single_one),
		CASE(nor_the_other_way_round),
		CASE(one_of_both_families_is_none_of_ipv4),
		CASE(one_that_does_not_listen_is_a_fault),
		CASE(one_of_datagrams_is_taken_by_nobody),
		CASE(a_path_that_one_of_datagrams_has_is_a_fault),
		CASE(what_is_no_socket_is_told),
		CASE(one_that_no_listener_serves_is_told_with_its_addresses),
		CASE(an_abstract_or_relative_one_can_be_named_by_its_name_only),
		CASE(of_two_at_one_address_the_second_is_told),
		CASE(two_listeners_cannot_have_the_same),
		CASE(a_mode_that_is_not_the_listeners_is_a_fault),
		CASE(so_are_an_owner_and_a_group),
		CASE(permissions_of_a_path_stay_as_systemd_made_them),
	};

	occupy();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
