/*
 * What a process in the sandbox may do, and what it may not.  Each test is a
 * process of its own that closes it, tries, and ends.
 */
#include "sandbox/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/addr.h"
#include "net/listener.h"
#include "sandbox/landlock.h"
#include "../../lib/asan.h"
#include "attempts.h"

static char name[] = "n", file[] = "main";
static struct conf_upstream upstream;
static struct conf conf;
static struct sandbox_plan plan;
static struct sandbox_report report;
static struct addr allowed, other;	/* that somebody listens at */
static int allowed_fd, other_fd;

/* A kernel that is older, and one that has no seccomp. */
static int version_is;			/* -1: as it is */
static bool no_seccomp;
int __real_landlock_version(void);
int __wrap_landlock_version(void);
bool __real_syscall_filter_load(enum syscall_caller, char *, size_t);
bool __wrap_syscall_filter_load(enum syscall_caller, char *, size_t);

int
__wrap_landlock_version(void)
{
	int version = __real_landlock_version();

	if (version_is == -1 || version < version_is)
		return version;
	errno = EOPNOTSUPP;
	return version_is;
}

bool
__wrap_syscall_filter_load(enum syscall_caller caller, char *why, size_t size)
{
	if (!no_seccomp)
		return __real_syscall_filter_load(caller, why, size);
	snprintf(why, size, "it is not there");
	return false;
}

static int
listen_locally(struct addr *bound)
{
	struct listener_conf c = { .mode = 0 };
	const char *bad;
	char why[200];
	int fd;

	assert_true(addr_parse("127.0.0.1:0", &c.address, &bad));
	fd = listener_open(&c, bound, why, sizeof(why));
	assert_int_not_equal(fd, -1);
	return fd;
}

static int
setup(void **state)
{
	(void)state;
	allowed_fd = listen_locally(&allowed);
	other_fd = listen_locally(&other);
	upstream = (struct conf_upstream){ .name = name,
		.connect_port = addr_port(&allowed) };
	conf = (struct conf){ .file = file, .upstreams = &upstream,
		.n_upstreams = 1, .sandbox = CONF_SANDBOX_REQUIRED };
	plan = (struct sandbox_plan){ .option = CONF_SANDBOX_REQUIRED,
		.caller = SYSCALLS_WORKER, .conf = &conf };
	version_is = -1;
	no_seccomp = false;
	attempts_log = memfd_create("log", 0);
	assert_int_equal(write(attempts_log, "a line\n", 7), 7);
	attempts_sibling = fork();
	if (attempts_sibling == 0) {
		for (;;)
			pause();
	}
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	close(allowed_fd);
	close(other_fd);
	close(attempts_log);
	kill(attempts_sibling, SIGKILL);
	waitpid(attempts_sibling, NULL, 0);
	return 0;
}

/* -- trying -- */

enum outcome { DONE, FAILED, KILLED, NO_SANDBOX };

/* What becomes of a process in the sandbox that tries this. */
static enum outcome
outcome_of(bool (*attempt)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (!sandbox_enter(&plan, &report))
			_exit(NO_SANDBOX);
		_exit(attempt() ? DONE : FAILED);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status)) {
		assert_int_equal(WTERMSIG(status), SIGSYS);
		return KILLED;
	}
	return WEXITSTATUS(status);
}

static void
expect_all(const struct attempt *a, enum outcome outcome)
{
	for (; a->what != NULL; a++) {
		enum outcome is;

		if (a->left_out)
			continue;
		is = outcome_of(a->fn);
		if (is != outcome)
			fail_msg("%s: outcome %d, not %d", a->what, (int)is,
			    (int)outcome);
	}
}

static bool
connects_to_an_upstream(void)
{
	return attempt_connect(&allowed);
}

static bool
has_a_socket_of_any_kind(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) != -1;
}

static bool
connects_elsewhere(void)
{
	return attempt_connect(&other);
}

static void
what_a_worker_never_does_ends_it(void **state)
{
	(void)state;
	expect_all(attempts_that_kill, KILLED);
}

static void
what_libraries_may_try_fails(void **state)
{
	(void)state;
	expect_all(attempts_that_fail, FAILED);
}

/* Files stay closed even if the list of system calls had a hole. */
static void
landlock_alone_closes_files(void **state)
{
	(void)state;
	if (__real_landlock_version() == 0)
		skip();
	plan.option = CONF_SANDBOX_TRY;
	no_seccomp = true;
	assert_int_equal(outcome_of(attempt_make_file), FAILED);
	assert_int_equal(outcome_of(attempt_run), FAILED);
#ifndef UNDER_ASAN
	assert_int_equal(outcome_of(attempt_open_file), FAILED);
	assert_int_equal(outcome_of(attempt_open_memory), FAILED);
#endif
}

static void
tcp_goes_to_upstreams_only(void **state)
{
	(void)state;
	assert_int_equal(outcome_of(connects_to_an_upstream), DONE);
	if (__real_landlock_version() < LANDLOCK_KNOWS_TCP)
		skip();
	assert_int_equal(outcome_of(connects_elsewhere), FAILED);
}

static void
the_admin_process_calls_nobody(void **state)
{
	(void)state;
	plan.caller = SYSCALLS_ADMIN;
	plan.conf = NULL;
	assert_int_equal(outcome_of(has_a_socket_of_any_kind), FAILED);
}

/* -- what remains -- */

static bool
has_memory(void)
{
	void *large = malloc((size_t)1 << 22), *more;

	if (large == NULL)
		return false;
	memset(large, 1, (size_t)1 << 22);
	more = realloc(large, (size_t)1 << 24);
	free(more);
	return more != NULL;
}

static bool
takes_a_client(void)
{
	struct sockaddr_in a;
	socklen_t n = sizeof(a);
	int yes = 1, fd;

	if (!attempt_connect(&allowed))
		return false;
	fd = accept4(allowed_fd, (struct sockaddr *)&a, &n,
	    SOCK_NONBLOCK | SOCK_CLOEXEC);
	return fd != -1 && setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &yes,
	    sizeof(yes)) == 0 && write(fd, "x", 1) == 1 && close(fd) == 0;
}

static bool
aborts(void)
{
	signal(SIGABRT, SIG_DFL);
	abort();
}

static void
what_it_needs_remains(void **state)
{
	static const struct attempt attempts[] = {
		{ "memory", has_memory, false },
		{ "a client", takes_a_client, false },
		{ NULL, NULL, false }
	};

	(void)state;
	expect_all(attempts, DONE);
}

static void
an_abort_is_an_abort(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0) {
		(void)sandbox_enter(&plan, &report);
		(void)aborts();
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

/* -- options and older kernels -- */

/* The line about a sandbox that a child entered. */
static const char *
line_of(bool *good)
{
	static struct { bool good; char line[SANDBOX_LINE]; } said;
	int ends[2];
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		said.good = sandbox_enter(&plan, &report);
		sandbox_line(&report, said.line);
		_exit(write(ends[1], &said, sizeof(said)) != sizeof(said));
	}
	assert_int_equal(read(ends[0], &said, sizeof(said)), sizeof(said));
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(ends[0]);
	close(ends[1]);
	*good = said.good;
	return said.line;
}

static void
expect_line(int version, const char *there, const char *not_there)
{
	const char *line;
	bool good;

	version_is = version;
	line = line_of(&good);
	assert_true(good);
	if (strstr(line, there) == NULL || strstr(line, not_there) != NULL)
		fail_msg("version %d: %s", version, line);
}

static void
of_landlock_as_much_is_used_as_there_is(void **state)
{
	int version = __real_landlock_version();

	(void)state;
	expect_line(0, "are filtered; no Landlock: ", "(version");
	for (int i = 1; i <= version; i++) {
		char text[64];

		snprintf(text, sizeof(text), "are filtered; by Landlock "
		    "(version %d) no file", i);
		expect_line(i, text, i >= LANDLOCK_KNOWS_SCOPES ? "nothing" :
		    i >= LANDLOCK_KNOWS_TCP ? "signal" : "TCP");
		assert_int_equal(outcome_of(attempt_make_file), FAILED);
	}
	if (version < LANDLOCK_KNOWS_TCP)
		return;
	expect_line(LANDLOCK_KNOWS_TCP, "TCP goes to ports 53, ", "signal");
	plan.conf = NULL;
	expect_line(LANDLOCK_KNOWS_TCP, "no TCP connection", "53");
}

static void
where_it_is_required_system_calls_must_be_filtered(void **state)
{
	bool good;

	(void)state;
	no_seccomp = true;
	assert_non_null(strstr(line_of(&good), "calls are not filtered"));
	assert_false(good);
	plan.option = CONF_SANDBOX_TRY;
	assert_non_null(strstr(line_of(&good), "it is not there"));
	assert_true(good);
}

static void
where_it_is_off_nothing_is_refused(void **state)
{
	bool good;

	(void)state;
	plan.option = CONF_SANDBOX_OFF;
	assert_string_equal(line_of(&good), "sandbox: off");
	assert_true(good);
	assert_int_equal(outcome_of(attempt_open_file), DONE);
}

static void
what_would_not_hold_is_found_out_before(void **state)
{
	struct conf_diagnostics d = { .n = 0 };

	(void)state;
	sandbox_check(&conf, &d, &report);
	assert_int_equal(d.n, 0);
	assert_true(report.seccomp);
	assert_int_equal(report.landlock, __real_landlock_version());
	no_seccomp = true;
	sandbox_check(&conf, &d, &report);
	assert_int_equal(d.n_errors, 1);
	assert_non_null(strstr(d.v[0].text, "it is not there"));
	assert_false(report.seccomp);
	conf.sandbox = CONF_SANDBOX_TRY;
	sandbox_check(&conf, &d, &report);
	assert_int_equal(d.n, 2);
	assert_int_equal(d.n_errors, 1);
	conf.sandbox = CONF_SANDBOX_OFF;
	sandbox_check(&conf, &d, &report);
	assert_int_equal(d.n, 2);
	conf_diagnostics_free(&d);
	/* And this process is as free as before. */
	assert_true(attempt_look_at_file());
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(what_a_worker_never_does_ends_it),
		CASE(what_libraries_may_try_fails),
		CASE(landlock_alone_closes_files),
		CASE(tcp_goes_to_upstreams_only),
		CASE(the_admin_process_calls_nobody),
		CASE(what_it_needs_remains),
		CASE(an_abort_is_an_abort),
		CASE(of_landlock_as_much_is_used_as_there_is),
		CASE(where_it_is_required_system_calls_must_be_filtered),
		CASE(where_it_is_off_nothing_is_refused),
		CASE(what_would_not_hold_is_found_out_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
