#include "net/listener.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/inherited.h"
#include "turns.h"

#define MANY	40

struct fixture {
	struct loop *loop;
	char dir[32];
	struct listener_conf conf;
	struct addr bound;
	int fd;
	struct listener *listener;
	char why[256];
	int accepted[MANY];
	size_t n;
	size_t wanted;
	struct client_info last;
	bool frees;
	bool wants;
	unsigned asked;
};

static void
on_accept(void *owner, int fd, const struct client_info *c)
{
	struct fixture *f = owner;

	assert_true(f->n < MANY);
	assert_true((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
	assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	f->accepted[f->n++] = fd;
	f->last = *c;
	f->last.groups = NULL;
	if (f->frees) {
		listener_free(f->listener);
		f->listener = NULL;
	}
}

static bool
has_accepted(void *arg)
{
	struct fixture *f = arg;

	return f->n >= f->wanted;
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	strcpy(f->dir, "/tmp/sallyport-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->loop = loop_new();
	f->fd = -1;
	f->conf.mode = 0600;
	f->conf.owner = f->conf.group = UINT32_MAX;
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	char path[64];

	listener_free(f->listener);
	loop_free(f->loop);
	for (size_t i = 0; i < f->n; i++)
		close(f->accepted[i]);
	if (f->fd != -1)
		close(f->fd);
	snprintf(path, sizeof(path), "%s/sock", f->dir);
	unlink(path);
	rmdir(f->dir);
	free(f);
	return 0;
}

static void
set_address(struct fixture *f, const char *text)
{
	const char *why;

	f->conf.address = (struct addr){ 0 };
	if (!addr_parse(text, &f->conf.address, &why))
		fail_msg("%s: %s", text, why);
}

static void
set_unix(struct fixture *f)
{
	char text[64];

	snprintf(text, sizeof(text), "unix:%s/sock", f->dir);
	set_address(f, text);
}

static const char *
path_of(const struct fixture *f)
{
	return f->conf.address.un.sun_path;
}

static void
open_it(struct fixture *f)
{
	f->fd = listener_open(&f->conf, &f->bound, f->why, sizeof(f->why));
	if (f->fd == -1)
		fail_msg("%s", f->why);
	f->listener = listener_new(f->loop, f->fd, on_accept, f);
}

static int
connect_to(const struct fixture *f)
{
	int fd = socket(f->bound.sa.sa_family, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, &f->bound.sa, f->bound.len), 0);
	return fd;
}

static void
expect_accepted(struct fixture *f, size_t n)
{
	f->wanted = n;
	run_until_fn(f->loop, has_accepted, f);
	assert_int_equal(f->n, n);
}

static void
the_kernel_chooses_a_port_and_clients_are_told_by_address(void **state)
{
	struct fixture *f = *state;
	char ip[ADDR_TEXT];
	int c;

	set_address(f, "127.0.0.1:0");
	open_it(f);
	assert_int_not_equal(addr_port(&f->bound), 0);
	c = connect_to(f);
	expect_accepted(f, 1);
	addr_format_ip(&f->last.address, ip);
	assert_string_equal(ip, "127.0.0.1");
	assert_int_not_equal(addr_port(&f->last.address), 0);
	assert_false(f->last.has_user);
	close(c);
}

static void
ipv6_listens_for_ipv6_only(void **state)
{
	struct fixture *f = *state;
	int only = 0;
	socklen_t len = sizeof(only);

	set_address(f, "[::1]:0");
	f->fd = listener_open(&f->conf, &f->bound, f->why, sizeof(f->why));
	if (f->fd == -1)
		skip();
	getsockopt(f->fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, &len);
	assert_int_equal(only, 1);
}

static void
a_port_in_use_is_a_clear_error(void **state)
{
	struct fixture *f = *state;
	struct addr other;
	char expected[128];

	set_address(f, "127.0.0.1:0");
	open_it(f);
	f->conf.address = f->bound;
	assert_int_equal(listener_open(&f->conf, &other, f->why,
	    sizeof(f->why)), -1);
	snprintf(expected, sizeof(expected), "127.0.0.1:%u: address already "
	    "in use by another listener", addr_port(&f->bound));
	assert_string_equal(f->why, expected);
}

static void
a_unix_client_is_told_by_user_and_groups(void **state)
{
	struct fixture *f = *state;
	int c;

	set_unix(f);
	open_it(f);
	c = connect_to(f);
	expect_accepted(f, 1);
	assert_true(f->last.has_user);
	assert_int_equal(f->last.uid, geteuid());
	assert_int_equal(f->last.gid, getegid());
	assert_int_equal(f->last.pid, getpid());
	assert_int_equal(f->last.n_groups, getgroups(0, NULL));
	assert_int_equal(f->last.address.kind, ADDR_UNIX);
	close(c);
}

static void
a_unix_socket_gets_its_mode_whatever_the_umask(void **state)
{
	struct fixture *f = *state;
	struct stat st;
	mode_t old = umask(0777);

	set_unix(f);
	f->conf.mode = 0660;
	open_it(f);
	umask(old);
	assert_int_equal(stat(path_of(f), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
}

static void
a_stale_unix_socket_is_replaced(void **state)
{
	struct fixture *f = *state;
	int c;

	set_unix(f);
	open_it(f);
	listener_free(f->listener);
	close(f->fd);
	open_it(f);
	c = connect_to(f);
	expect_accepted(f, 1);
	close(c);
}

static void
a_unix_socket_in_use_is_not_replaced(void **state)
{
	struct fixture *f = *state;
	struct addr other;

	set_unix(f);
	open_it(f);
	assert_int_equal(listener_open(&f->conf, &other, f->why,
	    sizeof(f->why)), -1);
	assert_non_null(strstr(f->why, "in use"));
	assert_int_equal(access(path_of(f), F_OK), 0);
}

static void
a_file_in_the_way_is_not_removed(void **state)
{
	struct fixture *f = *state;
	struct addr other;
	int fd;

	set_unix(f);
	fd = open(path_of(f), O_CREAT | O_WRONLY, 0600);
	close(fd);
	assert_int_equal(listener_open(&f->conf, &other, f->why,
	    sizeof(f->why)), -1);
	assert_non_null(strstr(f->why, "exists and is not a socket"));
	assert_int_equal(access(path_of(f), F_OK), 0);
}

static void
a_name_is_removed_only_while_it_is_ours(void **state)
{
	struct fixture *f = *state;

	set_unix(f);
	open_it(f);
	listener_unlink(f->fd, &f->bound);
	assert_int_equal(access(path_of(f), F_OK), -1);
	close(open(path_of(f), O_CREAT | O_WRONLY, 0600));
	listener_unlink(f->fd, &f->bound);
	assert_int_equal(access(path_of(f), F_OK), 0);
}

/* A client that does not wait until it is connected. */
static int
begin_to_connect(const struct fixture *f)
{
	int fd = socket(f->bound.sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, 0);

	assert_int_not_equal(fd, -1);
	(void)connect(fd, &f->bound.sa, f->bound.len);
	return fd;
}

/* As the parent has none of those that it does not need. */
static bool
shut_without_capabilities(const struct fixture *f)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct had[2], none[2];
	bool done;

	assert_int_equal(syscall(SYS_capget, &header, had), 0);
	memcpy(none, had, sizeof(none));
	none[0].effective = none[1].effective = 0;
	assert_int_equal(syscall(SYS_capset, &header, none), 0);
	done = listener_shut(f->fd, &f->bound);
	assert_int_equal(syscall(SYS_capset, &header, had), 0);
	return done;
}

static bool
is_connected(int fd)
{
	return send(fd, "x", 1, MSG_NOSIGNAL) == 1;
}

static void
one_that_is_shut_lets_in_who_waits_and_nobody_else(void **state)
{
	static const char *const addresses[] = { "127.0.0.1:0", "[::1]:0",
	    NULL };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		int early, late;

		if (addresses[i] != NULL)
			set_address(f, addresses[i]);
		else
			set_unix(f);
		open_it(f);
		early = begin_to_connect(f);
		assert_true(is_connected(early));
		assert_true(shut_without_capabilities(f));
		late = begin_to_connect(f);
		assert_false(is_connected(late));
		f->accepted[f->n] = accept(f->fd, NULL, NULL);
		assert_int_not_equal(f->accepted[f->n++], -1);
		assert_true(is_connected(early));
		close(early);
		close(late);
		listener_free(f->listener);
		f->listener = NULL;
		close(f->fd);
		f->fd = -1;
	}
}

static void
a_paused_listener_accepts_later(void **state)
{
	struct fixture *f = *state;
	int c;

	set_address(f, "127.0.0.1:0");
	open_it(f);
	listener_pause(f->listener, true);
	c = connect_to(f);
	run_for(f->loop, 30);
	assert_int_equal(f->n, 0);
	listener_pause(f->listener, false);
	expect_accepted(f, 1);
	close(c);
}

static bool
wants(void *owner)
{
	struct fixture *f = owner;

	f->asked++;
	return f->wants;
}

static void
none_is_accepted_while_none_is_wanted(void **state)
{
	struct fixture *f = *state;
	int c, d;

	set_address(f, "127.0.0.1:0");
	open_it(f);
	listener_ask(f->listener, wants);
	run_for(f->loop, 20);
	assert_int_equal(f->asked, 0);
	c = connect_to(f);
	run_for(f->loop, 20);
	assert_int_equal(f->n, 0);
	assert_true(f->asked > 0);
	/* It is taken nevertheless when that is said. */
	assert_true(listener_take(f->listener));
	assert_int_equal(f->n, 1);
	assert_false(listener_take(f->listener));
	d = connect_to(f);
	f->wants = true;
	expect_accepted(f, 2);
	close(c);
	close(d);
}

static void
one_is_taken_while_it_is_paused(void **state)
{
	struct fixture *f = *state;
	int c, d;

	set_unix(f);
	open_it(f);
	listener_pause(f->listener, true);
	assert_false(listener_waits(f->listener, 0));
	c = connect_to(f);
	d = connect_to(f);
	assert_true(listener_waits(f->listener, 0));
	assert_true(listener_take(f->listener));
	run_for(f->loop, 20);
	assert_int_equal(f->n, 1);
	close(c);
	close(d);
}

static void
many_clients_are_all_accepted(void **state)
{
	struct fixture *f = *state;
	int c[MANY];

	set_unix(f);
	open_it(f);
	for (size_t i = 0; i < MANY; i++)
		c[i] = connect_to(f);
	expect_accepted(f, MANY);
	for (size_t i = 0; i < MANY; i++)
		close(c[i]);
}

static void
a_listener_may_be_freed_when_it_accepts(void **state)
{
	struct fixture *f = *state;
	int c, d;

	set_address(f, "127.0.0.1:0");
	open_it(f);
	f->frees = true;
	c = connect_to(f);
	d = connect_to(f);
	expect_accepted(f, 1);
	assert_null(f->listener);
	close(c);
	close(d);
}

/*
 * A loop that spins uses what processor time it can get, which on a machine
 * with much to do is less than the time that passes.
 */
static void
run_without_spinning(struct loop *l)
{
	struct timespec before, after;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	run_for(l, 300);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	assert_true((after.tv_sec - before.tv_sec) * NS_PER_S +
	    after.tv_nsec - before.tv_nsec < 40 * NS_PER_MS);
}

static void
running_out_of_descriptors_pauses_without_spinning(void **state)
{
	struct fixture *f = *state;
	struct rlimit old, small;
	int c;

	set_address(f, "127.0.0.1:0");
	open_it(f);
	c = connect_to(f);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	small = old;
	small.rlim_cur = (rlim_t)c + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &small), 0);
	run_without_spinning(f->loop);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(f->n, 0);
	expect_accepted(f, 1);
	close(c);
}

/* As an administrator's "ss -K" does. */
static void
a_socket_that_was_shut_down_makes_no_loop_spin(void **state)
{
	struct fixture *f = *state;

	set_address(f, "127.0.0.1:0");
	open_it(f);
	shutdown(f->fd, SHUT_RD);
	run_without_spinning(f->loop);
	assert_int_equal(f->n, 0);
}

static enum listener_verdict
try_it(struct fixture *f, struct holder *h)
{
	struct addr bound;

	return listener_try(&f->conf, &bound, h, f->why, sizeof(f->why));
}

static void
trying_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct holder h;

	set_unix(f);
	assert_int_equal(try_it(f, &h), LISTENER_FREE);
	assert_int_equal(access(path_of(f), F_OK), -1);
	set_address(f, "127.0.0.1:0");
	assert_int_equal(try_it(f, &h), LISTENER_FREE);
	/* Now one that somebody listens at. */
	open_it(f);
	f->conf.address = f->bound;
	assert_int_equal(try_it(f, &h), LISTENER_TAKEN);
	assert_int_equal(h.pid, getpid());
	assert_non_null(strstr(f->why, "already in use"));
	listener_free(f->listener);
	f->listener = NULL;
	close(f->fd);
	f->fd = -1;
	assert_int_equal(try_it(f, &h), LISTENER_FREE);
}

/* Who serves it would see a client come and go. */
static void
trying_connects_to_nobody(void **state)
{
	struct fixture *f = *state;
	struct holder h;

	set_unix(f);
	open_it(f);
	assert_int_equal(try_it(f, &h), LISTENER_TAKEN);
	assert_int_equal(h.pid, getpid());
	assert_false(listener_take(f->listener));
	/* An old one is free to be replaced, and stays. */
	listener_free(f->listener);
	f->listener = NULL;
	close(f->fd);
	f->fd = -1;
	assert_int_equal(try_it(f, &h), LISTENER_FREE);
	assert_int_equal(access(path_of(f), F_OK), 0);
}

static void
trying_what_cannot_be_says_why(void **state)
{
	struct fixture *f = *state;
	struct holder h;

	set_address(f, "192.0.2.1:0");
	assert_int_equal(try_it(f, &h), LISTENER_REFUSED);
	assert_string_equal(f->why, "192.0.2.1:0: this machine does not have "
	    "the address");
	unsetenv("LISTEN_PID");
	inherited_claim();
	set_address(f, "fd:web");
	assert_int_equal(try_it(f, &h), LISTENER_UNKNOWN);
	assert_non_null(strstr(f->why, "fd:web: only systemd knows"));
}

/* Descriptor 3 becomes what systemd would have passed in. */
static void
pass_in(int fd, const char *names)
{
	char pid[16];

	assert_int_equal(dup2(fd, 3), 3);
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "1", 1);
	setenv("LISTEN_FDNAMES", names, 1);
	inherited_claim();
}

static void
a_socket_of_systemd_is_found_by_its_name(void **state)
{
	struct fixture *f = *state;
	int original, c;
	uint16_t port;

	set_address(f, "127.0.0.1:0");
	original = listener_open(&f->conf, &f->bound, f->why, sizeof(f->why));
	assert_int_not_equal(original, -1);
	port = addr_port(&f->bound);
	pass_in(original, "web");
	set_address(f, "fd:web");
	open_it(f);
	assert_int_equal(f->bound.kind, ADDR_INET);
	assert_int_equal(addr_port(&f->bound), port);
	c = connect_to(f);
	expect_accepted(f, 1);
	set_address(f, "fd:other");
	assert_int_equal(listener_open(&f->conf, &f->bound, f->why,
	    sizeof(f->why)), -1);
	assert_non_null(strstr(f->why, "fd:other: systemd passed in no"));
	close(c);
	close(original);
	unsetenv("LISTEN_PID");
	inherited_claim();
}

static void
a_descriptor_that_does_not_listen_is_refused(void **state)
{
	struct fixture *f = *state;
	int pair[2];

	make_pair(pair);
	pass_in(pair[0], "web");
	set_address(f, "fd:web");
	assert_int_equal(listener_open(&f->conf, &f->bound, f->why,
	    sizeof(f->why)), -1);
	assert_non_null(strstr(f->why, "does not listen"));
	close(pair[0]);
	close(pair[1]);
	unsetenv("LISTEN_PID");
	inherited_claim();
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(the_kernel_chooses_a_port_and_clients_are_told_by_address),
		CASE(ipv6_listens_for_ipv6_only),
		CASE(a_port_in_use_is_a_clear_error),
		CASE(trying_leaves_nothing),
		CASE(trying_connects_to_nobody),
		CASE(trying_what_cannot_be_says_why),
		CASE(a_unix_client_is_told_by_user_and_groups),
		CASE(a_unix_socket_gets_its_mode_whatever_the_umask),
		CASE(a_stale_unix_socket_is_replaced),
		CASE(a_unix_socket_in_use_is_not_replaced),
		CASE(a_file_in_the_way_is_not_removed),
		CASE(a_name_is_removed_only_while_it_is_ours),
		CASE(one_that_is_shut_lets_in_who_waits_and_nobody_else),
		CASE(a_paused_listener_accepts_later),
		CASE(none_is_accepted_while_none_is_wanted),
		CASE(one_is_taken_while_it_is_paused),
		CASE(many_clients_are_all_accepted),
		CASE(a_listener_may_be_freed_when_it_accepts),
		CASE(running_out_of_descriptors_pauses_without_spinning),
		CASE(a_socket_that_was_shut_down_makes_no_loop_spin),
		CASE(a_socket_of_systemd_is_found_by_its_name),
		CASE(a_descriptor_that_does_not_listen_is_refused),
	};

	/* Nothing of a test gets the descriptor that systemd would use. */
	if (dup2(open("/dev/null", O_RDONLY), 3) != 3)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
