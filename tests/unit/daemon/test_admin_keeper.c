/*
 * Keeping admin processes.  The processes are real ones: this program, which
 * says by a FIFO what its parent told it.
 */
#include "daemon/admin_keeper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "daemon/admin_exec.h"
#include "daemon/admin_retired.h"
#include "daemon/control_channel.h"
#include "pages/packed.h"

#define LIMIT_MS	30000
#define MOST		16

/* What the processes are to do, and where they say what they were told. */
#define HOW		"SALLYPORT_TEST_HOW"
#define WHERE		"SALLYPORT_TEST_WHERE"

/* Nobody writes to them. */
#define T(literal)	((char *)(uintptr_t)(literal))

struct word {
	pid_t pid;
	char what;
};

struct fixture {
	struct admin_keeper *keeper;
	char dir[32], *where;
	int words, log[2], memory, socket;
	pid_t pids[MOST];		/* in the order in which they spoke */
	char said[MOST][64];
	size_t n;
	uint64_t asked[MOST];
	size_t n_asked;
};

static int64_t now;

static int64_t
get_now(void)
{
	return now;
}

/* -- the process -- */

static void
say(char what)
{
	const struct word w = { .pid = getpid(), .what = what };
	int fd = open(getenv(WHERE), O_WRONLY | O_CLOEXEC);

	if (fd == -1 || write(fd, &w, sizeof(w)) != (ssize_t)sizeof(w))
		_exit(8);
	close(fd);
}

/* '+' or '-', if it is that of the command which it passed on. */
static void
say_result(int fd)
{
	struct unpacking u = { .bad = false };
	struct buf b;

	buf_init(&b, NULL);
	if (!unpack_from_fd(fd, 4096, &b))
		_exit(7);
	u.rest = buf_text(&b);
	if (unpack_u64(&u) != 7)
		_exit(6);
	say(unpack_u64(&u) == ADMIN_DONE ? '+' : '-');
	buf_release(&b);
}

static void
take(const struct control_message *m)
{
	if (m->kind == CONTROL_RESULT)
		say_result(m->fd);
	else
		say((char)m->kind);
	if (m->kind == CONTROL_NEWS)
		control_send(ADMIN_FD_CONTROL, CONTROL_TOOK, -1, NULL);
	if (m->fd != -1)
		close(m->fd);
}

static int
be_admin(void)
{
	const char *how = getenv(HOW);
	struct pollfd p = { .fd = ADMIN_FD_CONTROL, .events = POLLIN };
	struct control_message m;

	if (strcmp(how, "fails") == 0) {
		control_send(ADMIN_FD_CONTROL, CONTROL_FAILED, -1, "no luck");
		return 1;
	}
	say('R');
	if (strcmp(how, "hangs") == 0)
		(void)pause();
	control_send(ADMIN_FD_CONTROL, CONTROL_READY, -1, NULL);
	if (strcmp(how, "asks") == 0) {
		(void)signal(SIGTERM, SIG_IGN);
		control_send(ADMIN_FD_CONTROL, CONTROL_COMMAND, -1,
		    "7 1000 reload");
	}
	for (;;) {
		(void)poll(&p, 1, -1);
		switch (control_receive(ADMIN_FD_CONTROL, &m)) {
		case CONTROL_MESSAGE:
			take(&m);
			break;
		case CONTROL_GONE:
			return 0;
		case CONTROL_NOTHING:
			break;
		}
	}
}

/* -- the fixture -- */

static void
on_command(void *owner, uint64_t id, const struct admin_command *c,
    uid_t who)
{
	struct fixture *f = owner;

	assert_true(id != 0 && f->n_asked < MOST);
	assert_true(c->key == NULL && who == 1000);
	f->asked[f->n_asked++] = id;
}

static int
setup(void **state)
{
	static const struct clock_source source = { get_now, get_now,
	    get_now };
	struct fixture *f = xcalloc(1, sizeof(*f));

	now = 1000 * NS_PER_S;
	clock_replace(&source);
	(void)strcpy(f->dir, "/tmp/sallyport.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->where = xasprintf("%s/words", f->dir);
	assert_int_equal(mkfifo(f->where, 0600), 0);
	/* To be written, too: it has no end then. */
	f->words = open(f->where, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	assert_int_not_equal(f->words, -1);
	assert_int_equal(pipe2(f->log, O_CLOEXEC | O_NONBLOCK), 0);
	log_start(f->log[1], LOG_LEVEL_INFO, NULL);
	f->memory = open("/dev/null", O_RDONLY | O_CLOEXEC);
	f->socket = open("/dev/null", O_RDONLY | O_CLOEXEC);
	(void)setenv(WHERE, f->where, 1);
	(void)setenv(HOW, "serves", 1);
	f->keeper = admin_keeper_new(&(struct admin_keeper_conf){
		.command = on_command,
		.owner = f,
		.memory = f->memory,
	});
	*state = f;
	return 0;
}

static void
start(struct fixture *f)
{
	static struct conf_listener admin = {
		.name = T("unix:/a"), .address_text = T("unix:/a"),
	};
	static struct conf conf = {
		.file = T("/c"), .admin = &admin, .n_admin = 1,
	};
	static const struct stats_numbers numbers = { .n_keys = 0 };
	static const struct sandbox_report sandbox = { .seccomp = true };

	admin_keeper_start(f->keeper, &(struct admin_for){
		.conf = &conf, .sockets = &f->socket, .numbers = &numbers,
		.sandbox = &sandbox });
}

/* -- turns of the parent -- */

static void
hear(struct fixture *f)
{
	struct word w;
	size_t i, n;

	while (read(f->words, &w, sizeof(w)) == (ssize_t)sizeof(w)) {
		for (i = 0; i < f->n && f->pids[i] != w.pid; i++)
			;
		assert_true(i < MOST);
		if (i == f->n)
			f->pids[f->n++] = w.pid;
		n = strlen(f->said[i]);
		assert_true(n + 1 < sizeof(f->said[i]));
		f->said[i][n] = w.what;
	}
}

static void
turn(struct fixture *f)
{
	struct pollfd fds[MOST];
	int status;
	pid_t pid;
	size_t n;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		assert_true(admin_keeper_reap(f->keeper, pid, status));
	(void)admin_keeper_step(f->keeper, now);
	assert_true(admin_keeper_alive(f->keeper) <= MOST);
	n = admin_keeper_poll(f->keeper, fds);
	(void)poll(fds, (nfds_t)n, 5);
	admin_keeper_read(f->keeper);
	(void)admin_keeper_step(f->keeper, now);
	hear(f);
}

#define UNTIL(f, condition) do {					\
	for (int i_ = 0; !(condition); i_++) {				\
		if (i_ > LIMIT_MS / 5)					\
			fail_msg("waited too long: " #condition);	\
		turn(f);						\
	}								\
} while (0)

/* Until the i-th process said just that. */
static void
expect_said(struct fixture *f, size_t i, const char *words)
{
	UNTIL(f, strlen(f->said[i]) >= strlen(words));
	assert_string_equal(f->said[i], words);
}

static void
tell(struct fixture *f, uint64_t generation)
{
	admin_keeper_news(f->keeper, &(struct admin_news){
		.state = DAEMON_SERVING, .generation = generation });
}

/* It serves, and was told once. */
static void
serve_first(struct fixture *f)
{
	tell(f, 1);
	start(f);
	UNTIL(f, admin_keeper_is_ready(f->keeper));
	admin_keeper_take_over(f->keeper);
	expect_said(f, 0, "RNS");
}

static void
serve_next(struct fixture *f)
{
	start(f);
	UNTIL(f, admin_keeper_is_ready(f->keeper));
	admin_keeper_take_over(f->keeper);
}

/* It takes nothing until it goes on. */
static void
hold(pid_t pid)
{
	int status;

	assert_int_equal(kill(pid, SIGSTOP), 0);
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	assert_true(WIFSTOPPED(status));
}

static void
kill_serving(struct fixture *f, size_t i)
{
	assert_int_equal(kill(f->pids[i], SIGKILL), 0);
	UNTIL(f, kill(f->pids[i], 0) != 0);
}

static const char *
logged(const struct fixture *f)
{
	static char text[8192];
	ssize_t n = read(f->log[0], text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	admin_keeper_free(f->keeper);
	while (waitpid(-1, NULL, 0) > 0)
		;
	log_start(STDERR_FILENO, LOG_LEVEL_INFO, NULL);
	clock_replace(NULL);
	close(f->words);
	close(f->log[0]);
	close(f->log[1]);
	close(f->memory);
	close(f->socket);
	(void)unlink(f->where);
	(void)rmdir(f->dir);
	free(f->where);
	free(f);
	return 0;
}

/* -- which one serves -- */

static void
the_first_takes_clients_at_once_and_knows_the_news_by_then(void **state)
{
	struct fixture *f = *state;

	tell(f, 1);
	start(f);
	assert_false(admin_keeper_is_ready(f->keeper));
	expect_said(f, 0, "RNS");
	assert_true(admin_keeper_is_ready(f->keeper));
	assert_null(admin_keeper_failure(f->keeper));
}

static void
the_next_takes_clients_when_the_one_before_retires(void **state)
{
	struct fixture *f = *state;

	serve_first(f);
	start(f);
	expect_said(f, 1, "RN");
	assert_true(admin_keeper_is_ready(f->keeper));
	assert_string_equal(f->said[0], "RNS");
	admin_keeper_take_over(f->keeper);
	expect_said(f, 1, "RNS");
	expect_said(f, 0, "RNSQ");
	assert_int_equal(admin_keeper_alive(f->keeper), 2);
}

static void
one_that_cannot_start_is_given_up_and_the_one_before_goes_on(void **state)
{
	struct fixture *f = *state;

	serve_first(f);
	(void)setenv(HOW, "fails", 1);
	start(f);
	UNTIL(f, admin_keeper_failure(f->keeper) != NULL);
	assert_string_equal(admin_keeper_failure(f->keeper), "no luck");
	assert_false(admin_keeper_is_ready(f->keeper));
	admin_keeper_give_up(f->keeper);
	assert_true(admin_keeper_is_ready(f->keeper));
	assert_null(admin_keeper_failure(f->keeper));
	UNTIL(f, admin_keeper_alive(f->keeper) == 1);
	tell(f, 2);
	expect_said(f, 0, "RNSN");
}

static void
one_that_is_not_ready_in_time_is_ended_and_said_to_be_so(void **state)
{
	struct fixture *f = *state;

	(void)setenv(HOW, "hangs", 1);
	tell(f, 1);
	start(f);
	expect_said(f, 0, "R");
	now += ADMIN_START_MS * NS_PER_MS - 1;
	turn(f);
	assert_int_equal(admin_keeper_step(f->keeper, now), now + 1);
	assert_null(admin_keeper_failure(f->keeper));
	now++;
	UNTIL(f, admin_keeper_failure(f->keeper) != NULL);
	assert_string_equal(admin_keeper_failure(f->keeper), "the admin "
	    "process was not ready in time");
	assert_int_equal(admin_keeper_alive(f->keeper), 0);
}

static void
a_replacement_that_is_not_ready_in_time_is_replaced(void **state)
{
	struct fixture *f = *state;

	serve_first(f);
	(void)setenv(HOW, "hangs", 1);
	kill_serving(f, 0);
	expect_said(f, 1, "R");
	(void)setenv(HOW, "serves", 1);
	now += ADMIN_START_MS * NS_PER_MS;
	expect_said(f, 2, "RNS");
}

static void
one_that_is_given_up_took_no_clients_and_is_ended(void **state)
{
	struct fixture *f = *state;

	serve_first(f);
	start(f);
	expect_said(f, 1, "RN");
	admin_keeper_give_up(f->keeper);
	UNTIL(f, admin_keeper_alive(f->keeper) == 1);
	assert_string_equal(f->said[1], "RN");
}

static void
of_more_than_a_few_that_retire_the_oldest_is_ended(void **state)
{
	struct fixture *f = *state;

	serve_first(f);
	for (size_t i = 1; i <= ADMIN_RETIRED; i++) {
		serve_next(f);
		expect_said(f, i, "RNS");
		expect_said(f, i - 1, "RNSQ");
	}
	turn(f);
	assert_int_equal(admin_keeper_alive(f->keeper), ADMIN_RETIRED + 1);
	serve_next(f);
	UNTIL(f, kill(f->pids[0], 0) != 0);
	assert_int_equal(admin_keeper_alive(f->keeper), ADMIN_RETIRED + 1);
	assert_int_equal(kill(f->pids[1], 0), 0);
	/* The others have their time. */
	now += 30 * NS_PER_S;
	turn(f);
	assert_int_equal(admin_keeper_alive(f->keeper), ADMIN_RETIRED + 1);
	now += 10 * NS_PER_S;
	UNTIL(f, admin_keeper_alive(f->keeper) == 1);
}

/* -- one that dies -- */

static void
one_that_dies_is_replaced_at_once_and_then_after_longer_and_longer(void **state)
{
	struct fixture *f = *state;

	serve_first(f);
	kill_serving(f, 0);
	expect_said(f, 1, "RNS");
	assert_non_null(strstr(logged(f), "was ended by signal 9"));
	kill_serving(f, 1);
	assert_int_equal(admin_keeper_alive(f->keeper), 0);
	assert_int_equal(admin_keeper_step(f->keeper, now),
	    now + 200 * NS_PER_MS);
	now += 200 * NS_PER_MS;
	expect_said(f, 2, "RNS");
	kill_serving(f, 2);
	assert_int_equal(admin_keeper_step(f->keeper, now),
	    now + 400 * NS_PER_MS);
}

/* -- news, and who is told after them -- */

static void
the_same_news_are_told_once(void **state)
{
	struct fixture *f = *state;

	serve_first(f);
	tell(f, 1);
	tell(f, 2);
	expect_said(f, 0, "RNSN");
	tell(f, 2);
	tell(f, 3);
	expect_said(f, 0, "RNSNN");
}

static void
who_asked_gets_the_answer_after_the_news(void **state)
{
	struct fixture *f = *state;

	(void)setenv(HOW, "asks", 1);
	serve_first(f);
	UNTIL(f, f->n_asked == 1);
	tell(f, 2);
	admin_keeper_answer(f->keeper, f->asked[0], ADMIN_DONE, "fine");
	expect_said(f, 0, "RNSN+");
	/* Once. */
	admin_keeper_answer(f->keeper, f->asked[0], ADMIN_REFUSED, "again");
	tell(f, 3);
	expect_said(f, 0, "RNSN+N");
}

static void
the_answer_goes_to_the_one_that_was_asked_when_another_serves(void **state)
{
	struct fixture *f = *state;

	(void)setenv(HOW, "asks", 1);
	serve_first(f);
	UNTIL(f, f->n_asked == 1);
	(void)setenv(HOW, "serves", 1);
	serve_next(f);
	tell(f, 2);
	admin_keeper_answer(f->keeper, f->asked[0], ADMIN_REFUSED, "bad");
	expect_said(f, 0, "RNSQN-");
	expect_said(f, 1, "RNSN");
}

/* Who has the answer may ask the other process. */
static void
an_answer_waits_until_every_process_took_the_news(void **state)
{
	struct fixture *f = *state;

	(void)setenv(HOW, "asks", 1);
	serve_first(f);
	UNTIL(f, f->n_asked == 1);
	(void)setenv(HOW, "serves", 1);
	serve_next(f);
	expect_said(f, 1, "RNS");
	hold(f->pids[1]);
	tell(f, 2);
	admin_keeper_answer(f->keeper, f->asked[0], ADMIN_DONE, "");
	expect_said(f, 0, "RNSQN");
	assert_false(admin_keeper_is_heard(f->keeper, now));
	assert_true(admin_keeper_step(f->keeper, now) <= now + NS_PER_S);
	turn(f);
	assert_string_equal(f->said[0], "RNSQN");
	assert_int_equal(kill(f->pids[1], SIGCONT), 0);
	expect_said(f, 0, "RNSQN+");
	assert_true(admin_keeper_is_heard(f->keeper, now));
}

static void
a_process_that_takes_no_news_holds_others_up_for_a_second(void **state)
{
	struct fixture *f = *state;

	serve_first(f);
	hold(f->pids[0]);
	tell(f, 2);
	admin_keeper_await(f->keeper);
	assert_false(admin_keeper_is_heard(f->keeper, now));
	now += NS_PER_S - 1;
	/* That more is waited for makes it no longer. */
	admin_keeper_await(f->keeper);
	assert_false(admin_keeper_is_heard(f->keeper, now));
	now += 1;
	assert_true(admin_keeper_is_heard(f->keeper, now));
}

static void
one_that_died_is_not_waited_for(void **state)
{
	struct fixture *f = *state;

	serve_first(f);
	hold(f->pids[0]);
	tell(f, 2);
	admin_keeper_await(f->keeper);
	assert_false(admin_keeper_is_heard(f->keeper, now));
	kill_serving(f, 0);
	assert_true(admin_keeper_is_heard(f->keeper, now));
}

static void
where_there_is_none_nobody_is_waited_for(void **state)
{
	struct fixture *f = *state;

	tell(f, 1);
	admin_keeper_await(f->keeper);
	assert_true(admin_keeper_is_heard(f->keeper, now));
}

/* -- the end -- */

static void
at_a_stop_who_asked_is_told_and_none_is_replaced(void **state)
{
	struct fixture *f = *state;

	(void)setenv(HOW, "asks", 1);
	serve_first(f);
	UNTIL(f, f->n_asked == 1);
	admin_keeper_stop(f->keeper);
	expect_said(f, 0, "RNS-");
	/* It does not end by itself. */
	assert_int_equal(admin_keeper_alive(f->keeper), 1);
	now += (ADMIN_STOP_MS + 500) * NS_PER_MS;
	UNTIL(f, admin_keeper_alive(f->keeper) == 0);
	now += 60 * NS_PER_S;
	assert_int_equal(admin_keeper_step(f->keeper, now), INT64_MAX);
	assert_int_equal(f->n, 1);
}

int
main(int argc, char **argv)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(the_first_takes_clients_at_once_and_knows_the_news_by_then),
		CASE(the_next_takes_clients_when_the_one_before_retires),
		CASE(one_that_cannot_start_is_given_up_and_the_one_before_goes_on),
		CASE(one_that_is_not_ready_in_time_is_ended_and_said_to_be_so),
		CASE(a_replacement_that_is_not_ready_in_time_is_replaced),
		CASE(one_that_is_given_up_took_no_clients_and_is_ended),
		CASE(of_more_than_a_few_that_retire_the_oldest_is_ended),
		CASE(one_that_dies_is_replaced_at_once_and_then_after_longer_and_longer),
		CASE(the_same_news_are_told_once),
		CASE(who_asked_gets_the_answer_after_the_news),
		CASE(the_answer_goes_to_the_one_that_was_asked_when_another_serves),
		CASE(an_answer_waits_until_every_process_took_the_news),
		CASE(a_process_that_takes_no_news_holds_others_up_for_a_second),
		CASE(one_that_died_is_not_waited_for),
		CASE(where_there_is_none_nobody_is_waited_for),
		CASE(at_a_stop_who_asked_is_told_and_none_is_replaced),
	};

	if (argc == 2 && strcmp(argv[1], ADMIN_VERB) == 0)
		return be_admin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
