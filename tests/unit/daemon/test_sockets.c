/*
 * The sockets of a configuration as a whole; what can be said of one of them
 * alone is in test_listener.c.
 */
#include "daemon/sockets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/inherited.h"
#include "base/log.h"
#include "daemon/inheritance.h"
#include "listener_given.h"
#include "net/listener.h"

#define MOST	4

struct fixture {
	char dir[32];
	struct conf_listener listeners[MOST];
	struct conf conf;
	struct conf_diagnostics diagnostics;
	struct sockets sockets;
	int log[2];
	bool ours;			/* what is_ours() says */
	unsigned asked;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	strcpy(f->dir, "/tmp/sallyport-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->conf.listeners = f->listeners;
	f->conf.file = xstrdup("main");
	assert_int_equal(pipe2(f->log, O_NONBLOCK), 0);
	log_start(f->log[1], LOG_LEVEL_INFO, NULL);
	*state = f;
	return 0;
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
	log_start(STDERR_FILENO, LOG_LEVEL_INFO, NULL);
	close(f->log[0]);
	close(f->log[1]);
	unsetenv("LISTEN_PID");
	inherited_claim();
	failed = system(command);
	free(command);
	free(f);
	return failed;
}

/* One more listener, on a line of its own, called after its address. */
static struct conf_listener *
add(struct fixture *f, const char *address)
{
	size_t line = ++f->conf.n_listeners;

	assert_in_range(line, 1, MOST);
	return listener_given(&f->listeners[line - 1], line, address, address);
}

static struct conf_listener *
add_unix(struct fixture *f, const char *name)
{
	char *address = xasprintf("unix:%s/%s", f->dir, name);
	struct conf_listener *l = add(f, address);

	free(address);
	return l;
}

static void
open_all(struct fixture *f)
{
	sockets_open(&f->sockets, f->listeners, f->conf.n_listeners, NULL,
	    &f->diagnostics);
	inheritance_check(&f->conf, &f->diagnostics);
}

static bool
is_ours(void *ctx, const struct holder *holder)
{
	struct fixture *f = ctx;

	assert_int_equal(holder->pid, getpid());
	f->asked++;
	return f->ours;
}

static void
try_all(struct fixture *f)
{
	const struct sockets_asker asker = { is_ours, f };

	conf_diagnostics_free(&f->diagnostics);
	f->diagnostics = (struct conf_diagnostics){ .n = 0 };
	sockets_try(&f->conf, &asker, &f->diagnostics);
}

static void
expect_none(const struct fixture *f)
{
	if (f->diagnostics.n != 0)
		fail_msg("%s", f->diagnostics.v[0].text);
}

/* This alone, at that line. */
static void
expect(const struct fixture *f, unsigned line, bool warning, const char *text)
{
	assert_int_equal(f->diagnostics.n, 1);
	if (f->diagnostics.v[0].line != line ||
	    strstr(f->diagnostics.v[0].text, text) == NULL ||
	    f->diagnostics.v[0].warning != warning)
		fail_msg("line %u: %s", f->diagnostics.v[0].line,
		    f->diagnostics.v[0].text);
	assert_string_equal(f->diagnostics.v[0].file, "main");
}

static void
can_connect(const struct addr *a)
{
	int fd = socket(a->sa.sa_family, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, &a->sa, a->len), 0);
	close(fd);
}

static const char *
path_of(const struct conf_listener *l)
{
	return l->address.un.sun_path;
}

/* What was logged since, all of it. */
static const char *
logged(const struct fixture *f)
{
	static char text[4096];
	ssize_t n = read(f->log[0], text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

/* -- opening -- */

static void
all_of_them_listen_in_the_order_of_the_configuration(void **state)
{
	struct fixture *f = *state;
	struct addr bound = { .len = sizeof(bound.ss) };

	add(f, "127.0.0.1:0");
	add_unix(f, "sock");
	open_all(f);
	expect_none(f);
	assert_int_equal(f->sockets.n, 2);
	assert_int_not_equal(addr_port(&f->sockets.bound[0]), 0);
	can_connect(&f->sockets.bound[0]);
	can_connect(&f->sockets.bound[1]);
	assert_int_equal(getsockname(f->sockets.fds[1], &bound.sa,
	    &bound.len), 0);
	assert_string_equal(bound.un.sun_path, path_of(&f->listeners[1]));
}

static void
a_unix_socket_is_as_the_configuration_says(void **state)
{
	struct fixture *f = *state;
	struct conf_listener *l = add_unix(f, "sock");
	struct stat st;

	l->mode = 0660;
	if (getuid() == 0) {
		l->owner = 65534;
		l->group = 65533;
	}
	open_all(f);
	expect_none(f);
	assert_int_equal(stat(path_of(l), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	assert_int_equal(st.st_uid, getuid() == 0 ? 65534 : getuid());
	assert_int_equal(st.st_gid, getuid() == 0 ? 65533 : getgid());
}

static void
one_that_was_left_behind_is_replaced(void **state)
{
	struct fixture *f = *state;
	struct conf_listener *l = add_unix(f, "sock");
	const struct listener_conf conf = {
		.address = l->address,
		.mode = 0600,
		.owner = UINT32_MAX,
		.group = UINT32_MAX,
	};
	struct addr bound;
	char why[200];

	close(listener_open(&conf, &bound, why, sizeof(why)));
	assert_int_equal(access(path_of(l), F_OK), 0);
	open_all(f);
	expect_none(f);
	can_connect(&f->sockets.bound[0]);
}

static void
each_that_cannot_be_opened_is_a_fault_and_the_others_are_open(void **state)
{
	struct fixture *f = *state;
	struct conf_listener *file = add_unix(f, "file");

	add(f, "127.0.0.1:0");
	add(f, "fd:nobody");
	close(open(path_of(file), O_CREAT | O_WRONLY, 0600));
	open_all(f);
	assert_int_equal(f->diagnostics.n_errors, 2);
	assert_int_equal(f->diagnostics.v[0].line, 1);
	assert_non_null(strstr(f->diagnostics.v[0].text, "is not a socket"));
	assert_int_equal(f->diagnostics.v[1].line, 3);
	assert_non_null(strstr(f->diagnostics.v[1].text,
	    "systemd passed in no"));
	assert_int_equal(f->sockets.n, 1);
	can_connect(&f->sockets.bound[0]);
}

/* The address is said by the reason; a name of its own is not. */
static void
a_name_is_said_once(void **state)
{
	struct fixture *f = *state;
	struct conf_listener *l = add(f, "192.0.2.1:1");

	open_all(f);
	expect(f, 1, false, "listener 192.0.2.1:1: this machine does not have "
	    "the address");
	conf_diagnostics_free(&f->diagnostics);
	f->diagnostics = (struct conf_diagnostics){ .n = 0 };
	sockets_release(&f->sockets);
	free(l->name);
	l->name = xstrdup("team-a");
	open_all(f);
	expect(f, 1, false, "listener team-a: 192.0.2.1:1: this machine ");
}

static void
an_address_that_two_listeners_have_is_a_fault(void **state)
{
	struct fixture *f = *state;

	add_unix(f, "sock");
	add_unix(f, "sock");
	open_all(f);
	expect(f, 2, false, "already in use");
	can_connect(&f->sockets.bound[0]);
}

/* -- what systemd passes in -- */

/* Descriptor 3 becomes such a socket. */
static void
pass_in(const char *address, const char *names)
{
	const char *why;
	struct addr a = { .len = 0 };
	char pid[16], n[16];
	int fd, count = 1;

	assert_true(addr_parse(address, &a, &why));
	fd = socket(a.sa.sa_family, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, &a.sa, a.len), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(dup2(fd, INHERITED_FIRST), INHERITED_FIRST);
	close(fd);
	for (const char *p = names; *p != '\0'; p++)
		count += *p == ':';
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	snprintf(n, sizeof(n), "%d", count);
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", n, 1);
	setenv("LISTEN_FDNAMES", names, 1);
	inherited_claim();
}

static void
a_socket_of_systemd_is_served(void **state)
{
	struct fixture *f = *state;

	pass_in("127.0.0.1:0", "web");
	add(f, "fd:web");
	open_all(f);
	expect_none(f);
	assert_int_not_equal(f->sockets.fds[0], INHERITED_FIRST);
	can_connect(&f->sockets.bound[0]);
	assert_string_equal(logged(f), "");
}

/* Where it is bound is known only now. */
static void
one_that_other_machines_reach_has_to_be_meant(void **state)
{
	struct fixture *f = *state;
	struct conf_listener *l;

	pass_in("0.0.0.0:0", "web");
	l = add(f, "fd:web");
	open_all(f);
	expect(f, 1, false, "other machines can reach 0.0.0.0:");
	sockets_release(&f->sockets);
	try_all(f);
	expect(f, 1, false, "say 'nonlocal = true' if that is meant");
	l->nonlocal = true;
	try_all(f);
	expect(f, 1, true, "without TLS");
	conf_diagnostics_free(&f->diagnostics);
	f->diagnostics = (struct conf_diagnostics){ .n = 0 };
	open_all(f);
	expect(f, 1, true, "without TLS");
	assert_int_equal(f->sockets.n, 1);
}

static void
one_with_tls_that_other_machines_reach_is_not_warned_of(void **state)
{
	struct fixture *f = *state;
	struct conf_listener *l;

	pass_in("0.0.0.0:0", "web");
	l = add(f, "fd:web");
	l->nonlocal = true;
	l->tls.certificate = TEXT("a certificate");
	try_all(f);
	expect_none(f);
	open_all(f);
	expect_none(f);
}

static void
one_that_no_listener_serves_is_told(void **state)
{
	struct fixture *f = *state;

	pass_in("127.0.0.1:0", "web:web:other");
	add(f, "fd:web");
	open_all(f);
	assert_int_equal(f->diagnostics.n, 2);
	assert_int_equal(f->diagnostics.n_errors, 0);
	assert_non_null(strstr(f->diagnostics.v[0].text,
	    "\"fd:web\" can be served by no listener"));
	sockets_release(&f->sockets);
	pass_in("127.0.0.1:0", "other");
	f->conf.n_listeners = 0;
	free(f->listeners[0].name);
	try_all(f);
	assert_int_equal(f->diagnostics.n, 1);
	assert_true(f->diagnostics.v[0].warning);
	assert_non_null(strstr(f->diagnostics.v[0].text, "give one the "
	    "address \"127.0.0.1:"));
	assert_non_null(strstr(f->diagnostics.v[0].text, "\"fd:other\""));
}

/* -- trying -- */

static void
trying_leaves_nothing_and_disturbs_nobody(void **state)
{
	struct fixture *f = *state;
	struct conf_listener *l = add_unix(f, "sock");

	add(f, "127.0.0.1:0");
	try_all(f);
	expect_none(f);
	assert_int_equal(f->asked, 0);
	assert_int_equal(access(path_of(l), F_OK), -1);
	open_all(f);
	expect_none(f);
}

static void
an_address_of_our_own_is_taken_by_right(void **state)
{
	struct fixture *f = *state;
	struct conf_listener *l = add_unix(f, "sock");

	open_all(f);
	f->ours = true;
	try_all(f);
	expect_none(f);
	assert_int_equal(f->asked, 1);
	f->ours = false;
	try_all(f);
	expect(f, 1, true, "already in use");
	can_connect(&l->address);
}

static void
what_only_systemd_knows_is_a_warning(void **state)
{
	struct fixture *f = *state;

	add(f, "fd:web");
	try_all(f);
	expect(f, 1, true, "only systemd knows");
	pass_in("127.0.0.1:0", "other");
	try_all(f);
	assert_int_equal(f->diagnostics.n_errors, 1);
	assert_non_null(strstr(f->diagnostics.v[0].text, "listener fd:web: "
	    "systemd passed in no socket of this name"));
	assert_non_null(strstr(f->diagnostics.v[1].text, "\"fd:other\""));
}

/* -- closing -- */

static void
each_is_announced_where_it_is(void **state)
{
	struct fixture *f = *state;
	char address[ADDR_TEXT], *expected;

	add(f, "127.0.0.1:0");
	add_unix(f, "sock");
	open_all(f);
	sockets_announce(&f->sockets);
	addr_format(&f->sockets.bound[0], address);
	expected = xasprintf("listening on %s\nlistening on unix:%s/sock\n",
	    address, f->dir);
	assert_string_equal(logged(f), expected);
	free(expected);
}

static void
closing_removes_the_names_that_are_still_ours(void **state)
{
	struct fixture *f = *state;
	struct conf_listener *mine = add_unix(f, "mine");
	struct conf_listener *lost = add_unix(f, "lost");

	open_all(f);
	assert_int_equal(unlink(path_of(lost)), 0);
	close(open(path_of(lost), O_CREAT | O_WRONLY, 0600));
	sockets_close(&f->sockets);
	assert_int_equal(access(path_of(mine), F_OK), -1);
	assert_int_equal(access(path_of(lost), F_OK), 0);
	/* What is closed already is fine. */
	sockets_close(&f->sockets);
	sockets_release(&f->sockets);
	sockets_release(&f->sockets);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(all_of_them_listen_in_the_order_of_the_configuration),
		CASE(a_unix_socket_is_as_the_configuration_says),
		CASE(one_that_was_left_behind_is_replaced),
		CASE(each_that_cannot_be_opened_is_a_fault_and_the_others_are_open),
		CASE(a_name_is_said_once),
		CASE(an_address_that_two_listeners_have_is_a_fault),
		CASE(a_socket_of_systemd_is_served),
		CASE(one_that_other_machines_reach_has_to_be_meant),
		CASE(one_with_tls_that_other_machines_reach_is_not_warned_of),
		CASE(one_that_no_listener_serves_is_told),
		CASE(trying_leaves_nothing_and_disturbs_nobody),
		CASE(an_address_of_our_own_is_taken_by_right),
		CASE(what_only_systemd_knows_is_a_warning),
		CASE(each_is_announced_where_it_is),
		CASE(closing_removes_the_names_that_are_still_ours),
	};

	/* Nothing of a test gets the descriptor that systemd would use. */
	if (dup2(open("/dev/null", O_RDONLY), INHERITED_FIRST) !=
	    INHERITED_FIRST)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
