/*
 * Sockets that two configurations share, as they do at a reload.
 */
#include "daemon/sockets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/inherited.h"
#include "base/log.h"
#include "listener_given.h"

#define MOST	4

/* A configuration's listeners, and their sockets. */
struct side {
	struct conf_listener listeners[MOST];
	size_t n;
	struct sockets sockets, admin;
};

struct fixture {
	char dir[32];
	struct side old, new;
	struct conf_diagnostics diagnostics;
	int log;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	strcpy(f->dir, "/tmp/sallyport-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->log = open("/dev/null", O_WRONLY);
	log_start(f->log, LOG_LEVEL_INFO, NULL);
	*state = f;
	return 0;
}

static void
side_free(struct side *s)
{
	sockets_release(&s->sockets);
	sockets_release(&s->admin);
	for (size_t i = 0; i < s->n; i++)
		free(s->listeners[i].name);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	char *command = xasprintf("rm -r %s", f->dir);
	int failed;

	side_free(&f->old);
	side_free(&f->new);
	conf_diagnostics_free(&f->diagnostics);
	log_start(STDERR_FILENO, LOG_LEVEL_INFO, NULL);
	close(f->log);
	unsetenv("LISTEN_PID");
	inherited_claim();
	failed = system(command);
	free(command);
	free(f);
	return failed;
}

static struct conf_listener *
add(struct side *s, const char *name, const char *address)
{
	size_t line = ++s->n;

	assert_in_range(line, 1, MOST);
	return listener_given(&s->listeners[line - 1], line, name, address);
}

static struct conf_listener *
add_unix(const struct fixture *f, struct side *s, const char *name)
{
	char *address = xasprintf("unix:%s/%s", f->dir, name);
	struct conf_listener *l = add(s, name, address);

	free(address);
	return l;
}

static void
open_old(struct fixture *f)
{
	sockets_open(&f->old.sockets, f->old.listeners, f->old.n, NULL,
	    &f->diagnostics);
	assert_int_equal(f->diagnostics.n, 0);
}

static void
open_new(struct fixture *f)
{
	sockets_open(&f->new.sockets, f->new.listeners, f->new.n,
	    &f->old.sockets, &f->diagnostics);
}

/* The same, of which nothing fails. */
static void
take_over(struct fixture *f)
{
	open_new(f);
	if (f->diagnostics.n != 0)
		fail_msg("%s", f->diagnostics.v[0].text);
}

static void
expect_error(struct fixture *f, unsigned line, const char *text)
{
	assert_int_equal(f->diagnostics.n, 1);
	if (f->diagnostics.v[0].line != line ||
	    strstr(f->diagnostics.v[0].text, text) == NULL)
		fail_msg("line %u: %s", f->diagnostics.v[0].line,
		    f->diagnostics.v[0].text);
	conf_diagnostics_free(&f->diagnostics);
	f->diagnostics = (struct conf_diagnostics){ .n = 0 };
}

static bool
can_connect(const struct addr *a)
{
	int fd = socket(a->sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	bool can = connect(fd, &a->sa, a->len) == 0 || errno == EINPROGRESS;

	can = can && send(fd, "x", 1, MSG_NOSIGNAL) == 1;
	close(fd);
	return can;
}

static const char *
path_of(const struct conf_listener *l)
{
	return l->address.un.sun_path;
}

static bool
exists(const struct conf_listener *l)
{
	return access(path_of(l), F_OK) == 0;
}

static struct stat
stat_of(const struct conf_listener *l)
{
	struct stat st;

	assert_int_equal(stat(path_of(l), &st), 0);
	return st;
}

/* -- sharing -- */

static void
the_same_addresses_are_the_same_sockets_until_the_last_leaves(void **state)
{
	struct fixture *f = *state;
	struct conf_listener *l = add_unix(f, &f->old, "a");
	struct addr bound;

	add(&f->old, "b", "127.0.0.1:0");
	open_old(f);
	bound = f->old.sockets.bound[1];
	add(&f->new, "b", "127.0.0.1:0");
	add_unix(f, &f->new, "a");
	take_over(f);
	assert_int_equal(f->new.sockets.fds[0], f->old.sockets.fds[1]);
	assert_int_equal(f->new.sockets.fds[1], f->old.sockets.fds[0]);
	assert_true(sockets_share(&f->old.sockets, 0, &f->new.sockets));
	sockets_close(&f->old.sockets);
	assert_true(exists(l));
	assert_true(can_connect(&l->address));
	assert_true(can_connect(&bound));
	sockets_close(&f->new.sockets);
	assert_false(exists(l));
	assert_false(can_connect(&bound));
}

static void
one_is_added_and_one_dropped(void **state)
{
	struct fixture *f = *state;
	struct conf_listener *dropped = add_unix(f, &f->old, "dropped");
	struct conf_listener *added = add_unix(f, &f->new, "added");

	add(&f->old, "kept", "127.0.0.1:0");
	open_old(f);
	add(&f->new, "kept", "127.0.0.1:0");
	take_over(f);
	assert_false(sockets_share(&f->old.sockets, 0, &f->new.sockets));
	assert_true(sockets_share(&f->old.sockets, 1, &f->new.sockets));
	sockets_close(&f->old.sockets);
	assert_false(exists(dropped));
	assert_true(exists(added));
	assert_true(can_connect(&f->new.sockets.bound[0]));
	assert_true(can_connect(&f->new.sockets.bound[1]));
}

static void
ports_that_the_kernel_chose_go_by_the_names_of_their_listeners(void **state)
{
	struct fixture *f = *state;

	add(&f->old, "a", "127.0.0.1:0");
	add(&f->old, "b", "127.0.0.1:0");
	open_old(f);
	add(&f->new, "b", "127.0.0.1:0");
	add(&f->new, "c", "127.0.0.1:0");
	add(&f->new, "d", "127.0.0.1:0");
	take_over(f);
	assert_int_equal(f->new.sockets.fds[0], f->old.sockets.fds[1]);
	/* One that has no counterpart takes what is left; then there is none.
	 */
	assert_int_equal(f->new.sockets.fds[1], f->old.sockets.fds[0]);
	assert_false(sockets_share(&f->new.sockets, 2, &f->old.sockets));
}

static void
an_address_that_two_new_listeners_have_is_a_fault(void **state)
{
	struct fixture *f = *state;
	struct conf_listener *l = add_unix(f, &f->old, "a");

	open_old(f);
	add_unix(f, &f->new, "a");
	add_unix(f, &f->new, "a");
	open_new(f);
	expect_error(f, 2, "already in use");
	sockets_release(&f->new.sockets);
	assert_true(can_connect(&l->address));
}

/* One in another role, whatever its name. */
static void
a_socket_goes_from_one_role_to_another(void **state)
{
	struct fixture *f = *state;
	struct conf_listener *a = add_unix(f, &f->old, "a");
	struct conf_listener *b = add_unix(f, &f->old, "b");

	b->mode = 0666;
	f->old.admin.also = &f->old.sockets;
	sockets_open(&f->old.sockets, a, 1, NULL, &f->diagnostics);
	sockets_open(&f->old.admin, b, 1, NULL, &f->diagnostics);
	add_unix(f, &f->new, "b");
	add_unix(f, &f->new, "a")->mode = 0660;
	f->new.admin.also = &f->new.sockets;
	sockets_open(&f->new.sockets, f->new.listeners, 1, &f->old.admin,
	    &f->diagnostics);
	sockets_open(&f->new.admin, f->new.listeners + 1, 1, &f->old.admin,
	    &f->diagnostics);
	assert_int_equal(f->diagnostics.n, 0);
	assert_int_equal(f->new.sockets.fds[0], f->old.admin.fds[0]);
	assert_int_equal(f->new.admin.fds[0], f->old.sockets.fds[0]);
	assert_true(sockets_permit(&f->new.sockets, &f->diagnostics));
	assert_true(sockets_permit(&f->new.admin, &f->diagnostics));
	assert_int_equal(stat_of(a).st_mode & 0777, 0660);
	assert_int_equal(stat_of(b).st_mode & 0777, 0600);
	sockets_shut(&f->old.sockets, &f->new.admin);
	sockets_shut(&f->old.admin, &f->new.admin);
	sockets_close(&f->old.sockets);
	sockets_close(&f->old.admin);
	assert_true(can_connect(&a->address));
	assert_true(can_connect(&b->address));
}

static void
an_address_of_two_roles_is_taken_by_the_first(void **state)
{
	struct fixture *f = *state;

	add_unix(f, &f->old, "a");
	open_old(f);
	add_unix(f, &f->new, "a");
	add_unix(f, &f->new, "a");
	f->new.admin.also = &f->new.sockets;
	sockets_open(&f->new.sockets, f->new.listeners, 1, &f->old.sockets,
	    &f->diagnostics);
	sockets_open(&f->new.admin, f->new.listeners + 1, 1, &f->old.sockets,
	    &f->diagnostics);
	expect_error(f, 2, "already in use");
}

static char *
own_text(const struct fixture *f, size_t i)
{
	char text[ADDR_TEXT];

	addr_format(&f->old.sockets.bound[i], text);
	return xstrdup(text);
}

static void
a_port_that_the_kernel_chose_can_be_named(void **state)
{
	struct fixture *f = *state;
	char *text;

	add(&f->old, "a", "127.0.0.1:0");
	open_old(f);
	text = own_text(f, 0);
	add(&f->new, "b", text);
	take_over(f);
	assert_int_equal(f->new.sockets.fds[0], f->old.sockets.fds[0]);
	free(text);
}

static void
who_keeps_an_address_from_being_opened_and_what_helps_is_told(void **state)
{
	struct fixture *f = *state;
	char *text, *all, *why;

	add(&f->old, "local", "127.0.0.1:0");
	open_old(f);
	text = own_text(f, 0);
	all = xasprintf("0.0.0.0%s", strrchr(text, ':'));
	add(&f->new, "all", all)->nonlocal = true;
	open_new(f);
	why = xasprintf("%s: address already in use by listener local at %s, "
	    "which serves until this reload is done: drop that one by a "
	    "reload, then add this one by the next", all, text);
	expect_error(f, 1, why);
	free(why);
	sockets_release(&f->new.sockets);
	/* It is kept: nothing helps. */
	add(&f->new, "local", text);
	f->new.listeners[2] = f->new.listeners[0];
	f->new.listeners[2].name = xstrdup("all");
	f->new.n = 3;
	sockets_open(&f->new.sockets, f->new.listeners + 1, 2,
	    &f->old.sockets, &f->diagnostics);
	assert_null(strstr(f->diagnostics.v[0].text, "drop"));
	why = xasprintf("already in use by listener local at %s", text);
	expect_error(f, 1, why);
	free(why);
	free(all);
	free(text);
}

static void
where_one_fails_the_current_ones_stay_and_new_ones_go(void **state)
{
	struct fixture *f = *state;
	struct conf_listener *kept = add_unix(f, &f->old, "kept");
	struct conf_listener *added = add_unix(f, &f->new, "added");

	open_old(f);
	add_unix(f, &f->new, "kept");
	add(&f->new, "bad", "192.0.2.1:1");
	open_new(f);
	expect_error(f, 3, "this machine does not have the address");
	assert_true(exists(added));
	sockets_release(&f->new.sockets);
	assert_false(exists(added));
	assert_true(can_connect(&kept->address));
}

static void
a_name_that_was_removed_meanwhile_is_made_again_and_stays(void **state)
{
	struct fixture *f = *state;
	struct conf_listener *l = add_unix(f, &f->old, "a");

	open_old(f);
	assert_int_equal(unlink(path_of(l)), 0);
	add_unix(f, &f->new, "a");
	take_over(f);
	assert_false(sockets_share(&f->new.sockets, 0, &f->old.sockets));
	assert_true(can_connect(&l->address));
	sockets_shut(&f->old.sockets, &f->new.sockets);
	sockets_close(&f->old.sockets);
	assert_true(exists(l));
	assert_true(can_connect(&l->address));
	sockets_close(&f->new.sockets);
	assert_false(exists(l));
}

/* -- permissions -- */

static void
a_name_gets_the_new_mode_owner_and_group_when_it_is_permitted(void **state)
{
	struct fixture *f = *state;
	struct conf_listener *l = add_unix(f, &f->old, "a"), *next;
	bool root = getuid() == 0;

	open_old(f);
	next = add_unix(f, &f->new, "a");
	next->mode = 0660;
	if (root) {
		next->owner = 65534;
		next->group = 65533;
	}
	take_over(f);
	assert_int_equal(stat_of(l).st_mode & 0777, 0600);
	assert_true(sockets_permit(&f->new.sockets, &f->diagnostics));
	assert_int_equal(stat_of(l).st_mode & 0777, 0660);
	assert_int_equal(stat_of(l).st_uid, root ? 65534 : getuid());
	assert_int_equal(stat_of(l).st_gid, root ? 65533 : getgid());
	/* And back, for the options are gone. */
	sockets_release(&f->old.sockets);
	sockets_open(&f->old.sockets, f->old.listeners, f->old.n,
	    &f->new.sockets, &f->diagnostics);
	assert_true(sockets_permit(&f->old.sockets, &f->diagnostics));
	assert_int_equal(stat_of(l).st_mode & 0777, 0600);
	assert_int_equal(stat_of(l).st_uid, getuid());
	assert_int_equal(stat_of(l).st_gid, getgid());
}

static void
where_one_cannot_be_permitted_the_others_can_be_as_before(void **state)
{
	struct fixture *f = *state;
	struct conf_listener *good = add_unix(f, &f->old, "good");
	struct conf_listener *bad = add_unix(f, &f->old, "bad");

	open_old(f);
	add_unix(f, &f->new, "good")->mode = 0666;
	add_unix(f, &f->new, "bad")->mode = 0666;
	take_over(f);
	assert_int_equal(unlink(path_of(bad)), 0);
	close(open(path_of(bad), O_CREAT | O_WRONLY, 0640));
	assert_false(sockets_permit(&f->new.sockets, &f->diagnostics));
	expect_error(f, 2, "was replaced");
	assert_true(sockets_permit(&f->old.sockets, &f->diagnostics));
	assert_int_equal(stat_of(good).st_mode & 0777, 0600);
	assert_int_equal(stat_of(bad).st_mode & 0777, 0640);
}

/* -- the end of a socket -- */

static void
only_those_that_are_dropped_are_shut(void **state)
{
	struct fixture *f = *state;
	struct conf_listener *dropped = add_unix(f, &f->old, "dropped");

	add(&f->old, "tcp", "127.0.0.1:0");
	add(&f->old, "kept", "127.0.0.1:0");
	open_old(f);
	add(&f->new, "kept", "127.0.0.1:0");
	take_over(f);
	sockets_shut(&f->old.sockets, &f->new.sockets);
	assert_false(exists(dropped));
	assert_false(can_connect(&f->old.sockets.bound[1]));
	assert_true(can_connect(&f->old.sockets.bound[2]));
}

/* Which of a child's descriptors are open, a bit for each. */
static int
open_in_child(const struct fixture *f)
{
	int status, bits = 0;
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		sockets_abandon(&f->old.sockets, &f->new.sockets);
		for (size_t i = 0; i < f->old.sockets.n; i++)
			bits |= (fcntl(f->old.sockets.fds[i], F_GETFD) != -1)
			    << i;
		_exit(bits);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
a_child_closes_those_that_its_generation_has_not(void **state)
{
	struct fixture *f = *state;
	struct conf_listener *dropped = add_unix(f, &f->old, "dropped");

	add(&f->old, "kept", "127.0.0.1:0");
	open_old(f);
	add(&f->new, "kept", "127.0.0.1:0");
	take_over(f);
	assert_int_equal(open_in_child(f), 2);
	assert_true(can_connect(&dropped->address));
}

/* -- what systemd passes in -- */

/* Descriptor 3 becomes such a socket, called "web". */
static void
pass_in(const struct addr *a)
{
	int fd = socket(a->sa.sa_family, SOCK_STREAM, 0);
	char pid[16];

	assert_int_equal(bind(fd, &a->sa, a->len), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(dup2(fd, INHERITED_FIRST), INHERITED_FIRST);
	close(fd);
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "1", 1);
	setenv("LISTEN_FDNAMES", "web", 1);
	inherited_claim();
}

/* It listens by an address in that folder. */
static void
pass_in_unix(struct fixture *f, struct addr *a)
{
	char *text = xasprintf("unix:%s/systemd", f->dir);
	const char *why;

	*a = (struct addr){ .len = 0 };
	assert_true(addr_parse(text, a, &why));
	free(text);
	pass_in(a);
}

static void
one_of_systemd_is_shared_dropped_and_taken_again(void **state)
{
	struct fixture *f = *state;
	struct addr a;

	pass_in_unix(f, &a);
	add(&f->old, "web", "fd:web");
	open_old(f);
	add(&f->new, "web", "fd:web");
	take_over(f);
	assert_int_equal(f->new.sockets.fds[0], f->old.sockets.fds[0]);
	sockets_close(&f->old.sockets);
	/* Now it is dropped: clients wait there. */
	sockets_shut(&f->new.sockets, &f->old.sockets);
	sockets_close(&f->new.sockets);
	assert_true(can_connect(&a));
	sockets_release(&f->old.sockets);
	open_old(f);
	assert_true(can_connect(&a));
	assert_true(can_connect(&f->old.sockets.bound[0]));
}

/* From its name to its address, and away and back again. */
static void
one_of_systemd_is_the_same_by_its_address(void **state)
{
	struct fixture *f = *state;
	struct addr a;
	char text[ADDR_TEXT];

	pass_in_unix(f, &a);
	assert_int_equal(chmod(a.un.sun_path, 0600), 0);
	addr_format(&a, text);
	add(&f->old, "web", "fd:web");
	open_old(f);
	add(&f->new, "web", text);
	take_over(f);
	assert_int_equal(f->new.sockets.fds[0], f->old.sockets.fds[0]);
	sockets_shut(&f->old.sockets, &f->new.sockets);
	sockets_close(&f->old.sockets);
	sockets_shut(&f->new.sockets, &f->old.sockets);
	sockets_release(&f->new.sockets);
	assert_true(can_connect(&a));
	take_over(f);
	assert_true(sockets_followed(&f->new.sockets));
	assert_true(can_connect(&f->new.sockets.bound[0]));
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(the_same_addresses_are_the_same_sockets_until_the_last_leaves),
		CASE(one_is_added_and_one_dropped),
		CASE(ports_that_the_kernel_chose_go_by_the_names_of_their_listeners),
		CASE(an_address_that_two_new_listeners_have_is_a_fault),
		CASE(a_socket_goes_from_one_role_to_another),
		CASE(an_address_of_two_roles_is_taken_by_the_first),
		CASE(a_port_that_the_kernel_chose_can_be_named),
		CASE(who_keeps_an_address_from_being_opened_and_what_helps_is_told),
		CASE(where_one_fails_the_current_ones_stay_and_new_ones_go),
		CASE(a_name_that_was_removed_meanwhile_is_made_again_and_stays),
		CASE(a_name_gets_the_new_mode_owner_and_group_when_it_is_permitted),
		CASE(where_one_cannot_be_permitted_the_others_can_be_as_before),
		CASE(only_those_that_are_dropped_are_shut),
		CASE(a_child_closes_those_that_its_generation_has_not),
		CASE(one_of_systemd_is_shared_dropped_and_taken_again),
		CASE(one_of_systemd_is_the_same_by_its_address),
	};

	/* Nothing of a test gets the descriptor that systemd would use. */
	if (dup2(open("/dev/null", O_RDONLY), INHERITED_FIRST) !=
	    INHERITED_FIRST)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
