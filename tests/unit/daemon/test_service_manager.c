/* What a service manager hears; the test is one, at a socket of its own. */
#include "daemon/service_manager.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"

#define USEC	INT64_C(1000)

struct fixture {
	char dir[32];
	char *path;			/* of its socket */
	int fd;
	struct service_manager *manager;
};

static int64_t now;

static int64_t
get_now(void)
{
	return now;
}

/* The first byte of an abstract name is NUL. */
static int
listen_at(const char *name, size_t n)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	memcpy(a.sun_path, name, n);
	assert_int_equal(bind(fd, (struct sockaddr *)&a,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)), 0);
	return fd;
}

static int
setup(void **state)
{
	static const struct clock_source source = { get_now, get_now,
		get_now };
	struct fixture *f = xcalloc(1, sizeof(*f));

	now = 1000 * NS_PER_S;
	clock_replace(&source);
	strcpy(f->dir, "/tmp/sallyport-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->path = xasprintf("%s/notify", f->dir);
	f->fd = listen_at(f->path, strlen(f->path) + 1);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	service_manager_free(f->manager);
	if (f->fd != -1)
		close(f->fd);
	(void)unlink(f->path);
	(void)rmdir(f->dir);
	free(f->path);
	free(f);
	(void)unsetenv("NOTIFY_SOCKET");
	(void)unsetenv("WATCHDOG_USEC");
	(void)unsetenv("WATCHDOG_PID");
	clock_replace(NULL);
	return 0;
}

static void
start_at(struct fixture *f, const char *address)
{
	assert_int_equal(setenv("NOTIFY_SOCKET", address, 1), 0);
	f->manager = service_manager_new();
}

static void
start_with_watchdog(struct fixture *f, const char *usec, int pid)
{
	char *text = xasprintf("%d", pid);

	assert_int_equal(setenv("WATCHDOG_USEC", usec, 1), 0);
	assert_int_equal(setenv("WATCHDOG_PID", text, 1), 0);
	free(text);
	start_at(f, f->path);
}

static void
expect(const struct fixture *f, const char *message)
{
	char got[4096];
	ssize_t n = recv(f->fd, got, sizeof(got) - 1, 0);

	assert_true(n >= 0);
	got[n] = '\0';
	assert_string_equal(got, message);
}

static void
expect_nothing(const struct fixture *f)
{
	char got[16];

	assert_int_equal(recv(f->fd, got, sizeof(got), 0), -1);
}

/* -- where it is -- */

static void
it_is_told_at_a_path(void **state)
{
	struct fixture *f = *state;
	char *ready = xasprintf("READY=1\nMAINPID=%d\nSTATUS=serving\n",
	    (int)getpid());

	start_at(f, f->path);
	service_manager_tell(f->manager, SERVICE_READY, "serving");
	expect(f, ready);
	free(ready);
}

static void
and_at_an_abstract_name(void **state)
{
	struct fixture *f = *state;
	char *name = xasprintf("@sallyport-test-%d", (int)getpid());

	close(f->fd);
	name[0] = '\0';
	f->fd = listen_at(name, 1 + strlen(name + 1));
	name[0] = '@';
	start_at(f, name);
	service_manager_tell(f->manager, SERVICE_STOPPING, "%s", "bye");
	expect(f, "STOPPING=1\nSTATUS=bye\n");
	free(name);
}

static void
where_there_is_none_nothing_happens(void **state)
{
	struct fixture *f = *state;
	static const char *const bad[] = { "", "@", "notify", "vsock:2:1" };

	f->manager = service_manager_new();
	service_manager_tell(f->manager, SERVICE_READY, "serving");
	assert_true(service_manager_keep(f->manager, now) == INT64_MAX);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		service_manager_free(f->manager);
		start_at(f, bad[i]);
		service_manager_tell(f->manager, SERVICE_READY, "serving");
		assert_true(service_manager_keep(f->manager, now) ==
		    INT64_MAX);
	}
	expect_nothing(f);
}

static void
a_name_that_is_too_long_is_none(void **state)
{
	struct fixture *f = *state;
	char name[200];

	memset(name, 'a', sizeof(name) - 1);
	name[0] = '/';
	name[sizeof(name) - 1] = '\0';
	start_at(f, name);
	service_manager_tell(f->manager, SERVICE_READY, "serving");
	assert_true(service_manager_keep(f->manager, now) == INT64_MAX);
}

static void
children_are_not_told_of_it(void **state)
{
	struct fixture *f = *state;

	start_with_watchdog(f, "2000000", getpid());
	assert_null(getenv("NOTIFY_SOCKET"));
	assert_null(getenv("WATCHDOG_USEC"));
	assert_null(getenv("WATCHDOG_PID"));
}

/* -- what it is told -- */

static void
a_reload_says_when_it_began(void **state)
{
	struct fixture *f = *state;

	start_at(f, f->path);
	now = 12345678 * USEC + 999;
	service_manager_tell(f->manager, SERVICE_RELOADING, "reloading");
	expect(f, "RELOADING=1\nMONOTONIC_USEC=12345678\nSTATUS=reloading\n");
}

static void
a_start_only_says_how_far_it_is(void **state)
{
	struct fixture *f = *state;

	start_at(f, f->path);
	service_manager_tell(f->manager, SERVICE_STARTING, "opening %d", 7);
	expect(f, "STATUS=opening 7\n");
}

static void
no_text_adds_a_line(void **state)
{
	struct fixture *f = *state;

	start_at(f, f->path);
	service_manager_tell(f->manager, SERVICE_STARTING, "a\nREADY=1\x7f" "b");
	expect(f, "STATUS=a READY=1 b\n");
}

static void
a_long_text_ends_with_a_whole_character(void **state)
{
	struct fixture *f = *state;
	char text[1402], *message;

	for (size_t i = 0; i + 3 < sizeof(text); i += 3)
		memcpy(text + i, "\xe2\x82\xac", 3);
	text[1401] = '\0';
	start_at(f, f->path);
	service_manager_tell(f->manager, SERVICE_STARTING, "%s", text);
	message = xasprintf("STATUS=%.999s\n", text);
	expect(f, message);
	free(message);
}

/* -- that nobody waits -- */

/* Until its queue is full; the number of messages. */
static unsigned
fill(const struct fixture *f)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	unsigned n = 0;

	strcpy(a.sun_path, f->path);
	while (sendto(fd, "x", 1, 0, (struct sockaddr *)&a, sizeof(a)) == 1)
		n++;
	close(fd);
	assert_true(n > 0);
	return n;
}

static void
what_is_not_taken_is_sent_again(void **state)
{
	struct fixture *f = *state;
	unsigned n = fill(f);

	start_at(f, f->path);
	service_manager_tell(f->manager, SERVICE_READY, "serving");
	service_manager_tell(f->manager, SERVICE_STOPPING, "stopping");
	assert_true(service_manager_keep(f->manager, now) ==
	    now + 100 * NS_PER_MS);
	while (n-- > 0)
		expect(f, "x");
	expect_nothing(f);
	now += 100 * NS_PER_MS;
	assert_true(service_manager_keep(f->manager, now) == INT64_MAX);
	expect(f, "STOPPING=1\nSTATUS=stopping\n");
	assert_true(service_manager_keep(f->manager, now) == INT64_MAX);
	expect_nothing(f);
}

static void
one_that_is_gone_is_not_waited_for(void **state)
{
	struct fixture *f = *state;

	start_at(f, f->path);
	close(f->fd);
	f->fd = -1;
	service_manager_tell(f->manager, SERVICE_READY, "serving");
	assert_true(service_manager_keep(f->manager, now) == INT64_MAX);
}

/* -- the watchdog -- */

static void
it_is_told_twice_in_its_time_that_we_live(void **state)
{
	struct fixture *f = *state;

	start_with_watchdog(f, "2000000", getpid());
	assert_true(service_manager_keep(f->manager, now) == now + NS_PER_S);
	expect(f, "WATCHDOG=1");
	assert_true(service_manager_keep(f->manager, now + 1) ==
	    now + NS_PER_S);
	expect_nothing(f);
	now += NS_PER_S;
	assert_true(service_manager_keep(f->manager, now) == now + NS_PER_S);
	expect(f, "WATCHDOG=1");
}

static void
that_is_said_again_soon_where_it_is_not_taken(void **state)
{
	struct fixture *f = *state;
	unsigned n = fill(f);

	start_with_watchdog(f, "2000000", getpid());
	assert_true(service_manager_keep(f->manager, now) ==
	    now + 100 * NS_PER_MS);
	while (n-- > 0)
		expect(f, "x");
	now += 100 * NS_PER_MS;
	assert_true(service_manager_keep(f->manager, now) == now + NS_PER_S);
	expect(f, "WATCHDOG=1");
}

static void
a_watchdog_of_others_hears_nothing(void **state)
{
	struct fixture *f = *state;

	start_with_watchdog(f, "2000000", getpid() + 1);
	assert_true(service_manager_keep(f->manager, now) == INT64_MAX);
	service_manager_free(f->manager);
	start_with_watchdog(f, "soon", getpid());
	assert_true(service_manager_keep(f->manager, now) == INT64_MAX);
	expect_nothing(f);
}

static void
one_that_names_no_process_is_ours(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(setenv("WATCHDOG_USEC", "2000000", 1), 0);
	start_at(f, f->path);
	assert_true(service_manager_keep(f->manager, now) == now + NS_PER_S);
	expect(f, "WATCHDOG=1");
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(it_is_told_at_a_path),
		CASE(and_at_an_abstract_name),
		CASE(where_there_is_none_nothing_happens),
		CASE(a_name_that_is_too_long_is_none),
		CASE(children_are_not_told_of_it),
		CASE(a_reload_says_when_it_began),
		CASE(a_start_only_says_how_far_it_is),
		CASE(no_text_adds_a_line),
		CASE(a_long_text_ends_with_a_whole_character),
		CASE(what_is_not_taken_is_sent_again),
		CASE(one_that_is_gone_is_not_waited_for),
		CASE(it_is_told_twice_in_its_time_that_we_live),
		CASE(that_is_said_again_soon_where_it_is_not_taken),
		CASE(a_watchdog_of_others_hears_nothing),
		CASE(one_that_names_no_process_is_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
