/*
 * What a generation has: all of it, or nothing.
 */
#include "daemon/holdings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "conf_files.h"

struct fixture {
	char dir[32];
	char *conf;
	struct conf_opening opening;
	struct stats_memory *memory;
	struct conf_diagnostics diagnostics;
	struct holdings *current;	/* NULL: none */
};

static void
write_conf(const struct fixture *f, const char *sockets, const char *log)
{
	char *text = xasprintf("identity = \"identity\";\n"
	    "sealed = [ \"keys.age\" ];\nworkers = 2;\nmemory = \"try\";\n"
	    "sandbox = \"off\";\nlisteners = ( %s );\n"
	    "upstreams = ( { url = \"https://api.test\"; ca_file = \"ca\"; } );"
	    "\nroutes = ( { name = \"r\"; keys = [ \"a\" ]; } );\n"
	    "log = { access = \"./%s\"; };\n", sockets, log);

	conf_files_text(f->dir, "conf", text);
	free(text);
}

/* A listener at that name in the folder, to be freed. */
static char *
at(const struct fixture *f, const char *name)
{
	return xasprintf("{ address = \"unix:%s/%s\"; }", f->dir, name);
}

static void
write_plain(const struct fixture *f, const char *socket, const char *log)
{
	char *listener = at(f, socket);

	write_conf(f, listener, log);
	free(listener);
}

static int
setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	char why[256];

	conf_files_make(f->dir);
	f->conf = conf_files_path(f->dir, "conf");
	f->memory = stats_memory_new(16, why, sizeof(why));
	assert_non_null(f->memory);
	write_plain(f, "socket", "log");
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	holdings_free(f->current);
	conf_diagnostics_free(&f->diagnostics);
	stats_memory_free(f->memory);
	conf_files_remove(f->dir);
	free(f->conf);
	free(f);
	return 0;
}

/* The only one among the diagnostics. */
static const char *
the_error(const struct fixture *f)
{
	size_t i = 0;

	assert_int_equal(f->diagnostics.n_errors, 1);
	while (f->diagnostics.v[i].warning)
		i++;
	return f->diagnostics.v[i].text;
}

/* NULL: it cannot be loaded. */
static struct holdings *
load(struct fixture *f)
{
	conf_diagnostics_free(&f->diagnostics);
	f->diagnostics = (struct conf_diagnostics){ .n = 0 };
	return holdings_load(f->conf, &f->opening, &f->diagnostics);
}

static struct holdings *
make(struct fixture *f)
{
	struct holdings *h = load(f);

	if (h == NULL || !holdings_equip(h, f->memory, NULL, f->current,
	    &f->diagnostics))
		fail_msg("%s", f->diagnostics.v[0].text);
	return h;
}

/* It cannot be equipped, for that reason and no other, and leaves nothing. */
static void
expect_failure(struct fixture *f, const char *why)
{
	struct holdings *h = load(f);

	if (h == NULL)
		fail_msg("%s", f->diagnostics.v[0].text);
	assert_false(holdings_equip(h, f->memory, NULL, f->current,
	    &f->diagnostics));
	if (strstr(the_error(f), why) == NULL)
		fail_msg("%s", the_error(f));
	holdings_free(h);
}

static unsigned
count_descriptors(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

static bool
exists(const struct fixture *f, const char *name)
{
	char *path = conf_files_path(f->dir, name);
	bool there = access(path, F_OK) == 0;

	free(path);
	return there;
}

static void
can_connect(const struct addr *a)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, &a->sa, a->len), 0);
	close(fd);
}

/* As another program. */
static int
listen_at(const struct fixture *f, const char *name)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char *text = xasprintf("unix:%s/%s", f->dir, name);
	struct addr a = { .len = 0 };
	const char *why;

	assert_true(addr_parse(text, &a, &why));
	assert_int_equal(bind(fd, &a.sa, a.len), 0);
	assert_int_equal(listen(fd, 1), 0);
	free(text);
	return fd;
}

static void
they_are_whole_and_leave_nothing(void **state)
{
	struct fixture *f = *state;
	unsigned n = count_descriptors();
	struct holdings *h = make(f);

	assert_int_equal(h->conf->workers, 2);
	assert_int_equal(h->sockets.n, 1);
	assert_int_equal(h->wakeups.n, 2);
	assert_non_null(h->stats);
	assert_non_null(h->balance);
	assert_true(h->access->fd != -1);
	can_connect(&h->sockets.bound[0]);
	holdings_free(h);
	assert_int_equal(count_descriptors(), n);
	assert_false(exists(f, "socket"));
	holdings_free(NULL);
}

static void
what_is_the_same_is_shared_with_those_that_serve(void **state)
{
	struct fixture *f = *state;
	struct holdings *h;

	f->current = make(f);
	h = make(f);
	assert_ptr_equal(h->access, f->current->access);
	assert_int_equal(h->sockets.fds[0], f->current->sockets.fds[0]);
	assert_ptr_not_equal(h->balance, f->current->balance);
	assert_ptr_not_equal(h->conf, f->current->conf);
	assert_true(h->epoch > f->current->epoch);
	holdings_free(f->current);
	f->current = h;
	can_connect(&h->sockets.bound[0]);
	assert_true(fcntl(h->access->fd, F_GETFD) != -1);
}

static void
sockets_are_given_back_before_the_rest(void **state)
{
	struct fixture *f = *state;

	f->current = make(f);
	holdings_close_sockets(f->current);
	assert_false(exists(f, "socket"));
	assert_true(fcntl(f->current->access->fd, F_GETFD) != -1);
}

static void
one_that_cannot_be_loaded_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	size_t locked;
	unsigned n;
	char *path = conf_files_path(f->dir, "keys.age");

	f->current = make(f);
	n = count_descriptors();
	(void)secret_next_epoch();
	locked = secret_memory().now;
	assert_int_equal(unlink(path), 0);
	for (unsigned i = 0; i < 8; i++) {
		assert_null(load(f));
		assert_non_null(strstr(the_error(f), "keys.age"));
	}
	assert_int_equal(count_descriptors(), n);
	(void)secret_next_epoch();
	assert_int_equal(secret_memory().now, locked);
	free(path);
}

static void
one_that_cannot_be_equipped_leaves_the_current_ones_as_they_were(void **state)
{
	struct fixture *f = *state;
	char *first = at(f, "new"), *second = at(f, "taken"), *both;
	int taken = listen_at(f, "taken");
	unsigned n;

	f->current = make(f);
	n = count_descriptors();
	/* A new socket that can be opened, and one of somebody else. */
	both = xasprintf("%s, %s", first, second);
	write_conf(f, both, "other");
	expect_failure(f, "already in use");
	assert_int_equal(count_descriptors(), n);
	assert_false(exists(f, "new"));
	assert_true(exists(f, "taken"));
	assert_false(exists(f, "other"));
	assert_true(exists(f, "log"));
	/* Somebody else's stays, though it is empty. */
	conf_files_text(f->dir, "other", "");
	expect_failure(f, "already in use");
	assert_true(exists(f, "other"));
	assert_int_equal(f->current->access->users, 1);
	can_connect(&f->current->sockets.bound[0]);
	close(taken);
	free(first);
	free(second);
	free(both);
}

static unsigned
count_mappings(void)
{
	FILE *file = fopen("/proc/self/maps", "r");
	unsigned n = 0;
	int c;

	assert_non_null(file);
	while ((c = fgetc(file)) != EOF)
		n += c == '\n';
	assert_int_equal(fclose(file), 0);
	return n;
}

static void
one_after_the_other_takes_no_more_memory(void **state)
{
	struct fixture *f = *state;
	size_t locked = 0;
	unsigned mappings = 0;

	f->current = make(f);
	for (unsigned i = 0; i < 12; i++) {
		struct holdings *h = make(f);

		holdings_free(f->current);
		f->current = h;
		/* The first ones may find room that others left. */
		if (i == 3) {
			locked = secret_memory().now;
			mappings = count_mappings();
		}
	}
	assert_int_equal(secret_memory().now, locked);
	assert_in_range(count_mappings(), 1, mappings + 1);
}

/* -- in a worker -- */

/* A bit for each descriptor that is open, of the other one first. */
static int
open_in_child(const struct holdings *other, const struct holdings *own,
    bool serves)
{
	int status, bits = 0;
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		holdings_abandon(other, serves ? own : NULL);
		if (serves)
			holdings_enter(own);
		else
			holdings_abandon(own, NULL);
		bits |= fcntl(other->sockets.fds[0], F_GETFD) != -1 ? 1 : 0;
		bits |= fcntl(other->access->fd, F_GETFD) != -1 ? 2 : 0;
		bits |= fcntl(other->wakeups.fds[0], F_GETFD) != -1 ? 4 : 0;
		bits |= fcntl(own->sockets.fds[0], F_GETFD) != -1 ? 8 : 0;
		bits |= fcntl(own->access->fd, F_GETFD) != -1 ? 16 : 0;
		bits |= fcntl(own->wakeups.fds[0], F_GETFD) != -1 ? 32 : 0;
		_exit(bits);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
a_worker_keeps_what_is_its_own_or_shared(void **state)
{
	struct fixture *f = *state;
	struct holdings *h;

	f->current = make(f);
	h = make(f);
	assert_int_equal(open_in_child(f->current, h, true),
	    8 | 16 | 32 | 1 | 2);
	holdings_free(h);
	write_plain(f, "new", "other");
	h = make(f);
	assert_int_equal(open_in_child(f->current, h, true), 8 | 16 | 32);
	holdings_free(h);
}

static void
a_child_that_serves_nobody_keeps_nothing(void **state)
{
	struct fixture *f = *state;
	struct holdings *h;

	f->current = make(f);
	h = make(f);
	assert_int_equal(open_in_child(f->current, h, false), 0);
	holdings_free(h);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(they_are_whole_and_leave_nothing),
		CASE(what_is_the_same_is_shared_with_those_that_serve),
		CASE(sockets_are_given_back_before_the_rest),
		CASE(one_that_cannot_be_loaded_leaves_nothing),
		CASE(one_that_cannot_be_equipped_leaves_the_current_ones_as_they_were),
		CASE(one_after_the_other_takes_no_more_memory),
		CASE(a_worker_keeps_what_is_its_own_or_shared),
		CASE(a_child_that_serves_nobody_keeps_nothing),
	};

	(void)unsetenv("CREDENTIALS_DIRECTORY");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
