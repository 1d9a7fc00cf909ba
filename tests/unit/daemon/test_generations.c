/*
 * The succession of generations.  Configurations and processes are real ones;
 * worker_run() is left out, and what the test says is what workers do instead.
 */
#include "daemon/generations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "daemon/control_channel.h"
#include "daemon/loading.h"
#include "daemon/worker.h"
#include "stats/reader.h"
#include "conf_files.h"

#define WORKERS		2
#define LIMIT_MS	30000

struct fixture {
	char dir[32];
	char *conf;
	struct conf_opening opening;
	struct passphrases *passphrases;
	struct key_keeper *keys;
	struct admin_keeper *keeper;	/* its process is this program, and ends
					   at once */
	struct stats_memory *memory;
	struct generations *gs;
	int log[2];
	int said[2];			/* by workers: one byte each */
	int stay[2];			/* stubborn workers do until they read
					   from it */
	char answers[512];		/* "7+;8-no luck;" */
	unsigned good, bad;		/* reloads that ended */
	unsigned serves;
	const struct holdings *serving;
	int port;			/* of a second listener; 0: none */
};

static int64_t now;
static bool kernel_waits;		/* processes that are killed stay */
static bool hangs;			/* workers say nothing at their end */
static const struct fixture *its;	/* for workers */

/* What a worker does; its exit status. */
static int (*work)(const struct worker_conf *);

int __wrap_worker_run(const struct worker_conf *);

int
__wrap_worker_run(const struct worker_conf *w)
{
	_exit(work(w));
}

static int64_t
get_now(void)
{
	return now;
}

/* -- workers -- */

static enum control_kind
next_message(const struct worker_conf *w)
{
	struct pollfd fd = { .fd = w->control, .events = POLLIN };
	struct control_message m;

	for (;;) {
		(void)poll(&fd, 1, -1);
		switch (control_receive(w->control, &m)) {
		case CONTROL_MESSAGE:
			return m.kind;
		case CONTROL_GONE:
			_exit(9);
		case CONTROL_NOTHING:
			break;
		}
	}
}

static void
say(char what)
{
	if (write(its->said[1], &what, 1) != 1)
		_exit(8);
}

/* Ends when it is told that it retires. */
static int
serve(const struct worker_conf *w)
{
	if (w->serves)
		say(CONTROL_SERVE);
	control_send(w->control, CONTROL_READY, -1, NULL);
	for (;;) {
		enum control_kind kind = next_message(w);

		if (kind == CONTROL_RETIRE) {
			if (!hangs)
				control_send(w->control, CONTROL_LEFT, -1,
				    NULL);
			return 0;
		}
		if (kind == CONTROL_SERVE || kind == CONTROL_LOG)
			say((char)kind);
	}
}

/* As one with an exchange that takes its time. */
static int
serve_for_long(const struct worker_conf *w)
{
	char byte;

	(void)serve(w);
	say('Q');
	return read(its->stay[0], &byte, 1) != 1;
}

static int
cannot_start(const struct worker_conf *w)
{
	control_send(w->control, CONTROL_FAILED, -1, "no luck today");
	return 1;
}

/* The second one dies while the first one is ready. */
static int
die(const struct worker_conf *w)
{
	return w->slot == 0 ? serve(w) : 3;
}

static int
hang(const struct worker_conf *w)
{
	while (next_message(w) != CONTROL_CUT)
		;
	return 0;
}

static void
count_descriptors_to(int out)
{
	unsigned n = 0;
	char said;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	said = (char)n;
	if (write(out, &said, 1) != 1)
		_exit(8);
}

static int
count_and_stay(const struct worker_conf *w)
{
	count_descriptors_to(its->said[1]);
	return serve_for_long(w);
}

/* -- events -- */

static void
on_serves(void *owner, const struct holdings *h)
{
	struct fixture *f = owner;

	f->serves++;
	f->serving = h;
}

static void
on_ended(void *owner, bool good, const char *text)
{
	struct fixture *f = owner;

	(void)text;
	f->good += good;
	f->bad += !good;
}

static void
on_answer(void *owner, uint64_t asker, bool good, const char *text)
{
	struct fixture *f = owner;
	size_t n = strlen(f->answers);

	(void)snprintf(f->answers + n, sizeof(f->answers) - n, "%llu%c%s;",
	    (unsigned long long)asker, good ? '+' : '-', good ? "" : text);
}

/* -- the fixture -- */

static void
write_conf(const struct fixture *f, const char *more)
{
	char *second = f->port == 0 ? xstrdup("") : xasprintf(
	    ", { name = \"second\"; address = \"127.0.0.1:%d\"; }", f->port);
	char *text = xasprintf("identity = \"identity\";\n"
	    "sealed = [ \"*.age\" ];\nworkers = %d;\nmemory = \"try\";\n"
	    "sandbox = \"off\";\n"
	    "listeners = ( { address = \"unix:%s/socket\"; }%s );\n"
	    "upstreams = ( { url = \"https://api.test\"; ca_file = \"ca\"; } );"
	    "\nroutes = ( { name = \"r\"; keys = [ \"a\" ]; } );\n%s\n",
	    WORKERS, f->dir, second, more);

	conf_files_text(f->dir, "conf", text);
	free(text);
	free(second);
}

#define LOG_ONE		"log = { access = \"./one\"; };"
#define LOG_OTHER	"log = { access = \"./other\"; };"

static void
set_up_generations(struct fixture *f)
{
	char why[256];

	f->passphrases = passphrases_new(&f->opening);
	passphrases_keep(f->passphrases);
	f->keeper = admin_keeper_new(&(struct admin_keeper_conf){
		.owner = NULL });
	f->memory = stats_memory_new(16, why, sizeof(why));
	if (f->memory == NULL)
		fail_msg("%s", why);
	f->keys = key_keeper_new(&(struct key_keeper_conf){
		.memory = f->memory });
	f->gs = generations_new(&(struct generations_conf){
		.file = f->conf,
		.passphrases = f->passphrases,
		.memory = f->memory,
		.admin = f->keeper,
		.keys = f->keys,
		.serves = on_serves,
		.reload = { on_ended, on_answer, f },
		.owner = f,
	});
}

static int
setup(void **state)
{
	static const struct clock_source source = { get_now, get_now,
	    get_now };
	struct fixture *f = xcalloc(1, sizeof(*f));

	now = 1000 * NS_PER_S;
	hangs = kernel_waits = false;
	clock_replace(&source);
	conf_files_make(f->dir);
	f->conf = conf_files_path(f->dir, "conf");
	write_conf(f, LOG_ONE);
	assert_int_equal(pipe2(f->log, O_CLOEXEC | O_NONBLOCK), 0);
	assert_int_equal(pipe2(f->said, O_CLOEXEC), 0);
	assert_int_equal(pipe2(f->stay, O_CLOEXEC), 0);
	log_start(f->log[1], LOG_LEVEL_INFO, NULL);
	set_up_generations(f);
	its = f;
	*state = f;
	return 0;
}

/* -- turns of the parent -- */

static void
turn(struct fixture *f)
{
	struct pollfd fds[8 * WORKERS];
	int status;
	pid_t pid;
	size_t n;

	while (!kernel_waits && (pid = waitpid(-1, &status, WNOHANG)) > 0)
		assert_true(generations_reap(f->gs, pid, status) ||
		    admin_keeper_reap(f->keeper, pid, status));
	(void)generations_step(f->gs, now);
	assert_true(generations_size(f->gs) <= sizeof(fds) / sizeof(fds[0]));
	n = generations_poll(f->gs, fds);
	(void)poll(fds, (nfds_t)n, 5);
	generations_read(f->gs);
	(void)generations_step(f->gs, now);
}

#define UNTIL(f, condition) do {					\
	for (int i_ = 0; !(condition); i_++) {				\
		if (i_ > LIMIT_MS / 5)					\
			fail_msg("waited too long: " #condition);	\
		turn(f);						\
	}								\
} while (0)

static int
teardown(void **state)
{
	struct fixture *f = *state;

	generations_stop(f->gs);
	generations_kill(f->gs);
	UNTIL(f, generations_alive(f->gs) == 0);
	generations_free(f->gs);
	key_keeper_free(f->keys);
	stats_memory_free(f->memory);
	admin_keeper_free(f->keeper);
	passphrases_free(f->passphrases);
	log_start(STDERR_FILENO, LOG_LEVEL_INFO, NULL);
	clock_replace(NULL);
	for (unsigned i = 0; i < 2; i++) {
		close(f->log[i]);
		close(f->said[i]);
		close(f->stay[i]);
	}
	conf_files_remove(f->dir);
	free(f->conf);
	free(f);
	return 0;
}

/* The first generation serves, whose workers do that. */
static void
start(struct fixture *f, int (*fn)(const struct worker_conf *))
{
	struct conf_diagnostics diagnostics = { .n = 0 };
	struct holdings *h = holdings_load(f->conf, &f->opening,
	    &diagnostics);

	work = fn;
	if (h == NULL || !holdings_equip(h, f->memory, NULL, NULL,
	    &diagnostics))
		fail_msg("%s", diagnostics.v[0].text);
	conf_diagnostics_free(&diagnostics);
	generations_start(f->gs, h);
	UNTIL(f, f->serves == 1);
}

/* One more, whose workers do that; until it ended, well or not. */
static void
reload(struct fixture *f, uint64_t asker, int (*fn)(const struct worker_conf *))
{
	unsigned before = f->good + f->bad;

	work = fn;
	generations_reload(f->gs, asker);
	UNTIL(f, f->good + f->bad > before);
}

/* The same, until a child has read it all and workers are there, or were. */
static void
begin_reload(struct fixture *f, uint64_t asker)
{
	unsigned bad = f->bad;
	size_t alive = generations_alive(f->gs);

	generations_reload(f->gs, asker);
	UNTIL(f, generations_alive(f->gs) > alive || f->bad > bad);
}

static const char *
logged(const struct fixture *f)
{
	static char text[16384];
	ssize_t n = read(f->log[0], text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static char
hear(const struct fixture *f)
{
	struct pollfd fd = { .fd = f->said[0], .events = POLLIN };
	char what = 0;

	assert_int_equal(poll(&fd, 1, LIMIT_MS), 1);
	assert_int_equal(read(f->said[0], &what, 1), 1);
	return what;
}

/* So many times, among other things that workers say. */
static void
hear_times(const struct fixture *f, char what, unsigned n)
{
	while (n > 0)
		n -= hear(f) == what;
}

static bool
is_silent(const struct fixture *f)
{
	struct pollfd fd = { .fd = f->said[0], .events = POLLIN };

	return poll(&fd, 1, 0) == 0;
}

static unsigned
count_descriptors(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

/* Stubborn workers end, a byte for each. */
static void
release(const struct fixture *f)
{
	static const char bytes[4 * WORKERS];

	assert_int_equal(write(f->stay[1], bytes, sizeof(bytes)),
	    sizeof(bytes));
}

/* -- taking over -- */

static void
the_first_serves_when_its_workers_are_ready(void **state)
{
	struct fixture *f = *state;

	start(f, serve);
	assert_ptr_equal(generations_current(f->gs), f->serving);
	assert_int_equal(generations_alive(f->gs), WORKERS);
	hear_times(f, 'S', WORKERS);
	assert_null(generations_failure(f->gs));
	assert_non_null(strstr(logged(f), "listening on unix:"));
}

static void
why_the_first_cannot_start_is_known(void **state)
{
	struct fixture *f = *state;
	struct conf_diagnostics diagnostics = { .n = 0 };
	struct holdings *h = holdings_load(f->conf, &f->opening,
	    &diagnostics);

	work = cannot_start;
	assert_true(holdings_equip(h, f->memory, NULL, NULL, &diagnostics));
	conf_diagnostics_free(&diagnostics);
	generations_start(f->gs, h);
	UNTIL(f, generations_failure(f->gs) != NULL);
	assert_string_equal(generations_failure(f->gs), "no luck today");
	assert_int_equal(f->serves, 0);
}

static void
the_next_takes_over_and_the_one_before_ends_and_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	const struct holdings *first;
	unsigned n;

	start(f, serve);
	reload(f, 6, serve);
	UNTIL(f, generations_alive(f->gs) == WORKERS);
	n = count_descriptors();
	first = f->serving;
	reload(f, 7, serve);
	assert_string_equal(f->answers, "6+;7+;");
	assert_ptr_not_equal(f->serving, first);
	UNTIL(f, generations_alive(f->gs) == WORKERS);
	assert_int_equal(count_descriptors(), n);
	assert_int_equal(f->serves, 3);
	hear_times(f, 'S', 3 * WORKERS);
	assert_null(strstr(logged(f), "\"log.level\":\"error\""));
}

/* -- failing -- */

/* Nothing has changed, and that is the answer. */
static const char *
expect_as_before(struct fixture *f, const struct holdings *first, unsigned n,
    const char *answer)
{
	const char *log;

	assert_string_equal(f->answers, answer);
	assert_int_equal(f->bad, 1);
	assert_int_equal(f->serves, 1);
	assert_ptr_equal(generations_current(f->gs), first);
	UNTIL(f, generations_alive(f->gs) == WORKERS);
	turn(f);
	assert_int_equal(count_descriptors(), n);
	log = logged(f);
	assert_non_null(strstr(log, "was not reloaded: the one before stays"));
	/* Nobody takes the place of a worker that could not start. */
	assert_null(strstr(log, "is replaced"));
	assert_int_equal(stats_read_restarts(f->memory), 0);
	/* Its workers took no clients. */
	hear_times(f, 'S', WORKERS);
	assert_true(is_silent(f));
	/* The next one may go well. */
	reload(f, 0, serve);
	assert_int_equal(f->good, 1);
	return log;
}

static void
one_that_cannot_be_loaded_changes_nothing(void **state)
{
	struct fixture *f = *state;
	const struct holdings *first;
	unsigned n;
	char *answer;

	start(f, serve);
	first = f->serving;
	n = count_descriptors();
	write_conf(f, "nonsense = 1;");
	reload(f, 7, serve);
	assert_non_null(strstr(f->answers, "7-"));
	assert_non_null(strstr(f->answers, "nonsense"));
	answer = xstrdup(f->answers);
	write_conf(f, LOG_ONE);
	(void)expect_as_before(f, first, n, answer);
	free(answer);
}

static void
fail_by(struct fixture *f, int (*fn)(const struct worker_conf *),
    const char *answer)
{
	const struct holdings *first;
	unsigned n;

	start(f, serve);
	first = f->serving;
	n = count_descriptors();
	reload(f, 7, fn);
	(void)expect_as_before(f, first, n, answer);
}

static void
one_whose_workers_cannot_start_changes_nothing(void **state)
{
	fail_by(*state, cannot_start, "7-no luck today;");
}

static void
the_log_that_was_made_for_it_is_removed(void **state)
{
	struct fixture *f = *state;
	char *log = xasprintf("%s/other", f->dir);

	start(f, serve);
	write_conf(f, LOG_OTHER);
	reload(f, 7, cannot_start);
	UNTIL(f, generations_alive(f->gs) == WORKERS);
	turn(f);
	assert_int_not_equal(access(log, F_OK), 0);
	reload(f, 8, serve);
	write_conf(f, LOG_ONE);
	reload(f, 9, serve);
	UNTIL(f, generations_alive(f->gs) == WORKERS);
	turn(f);
	assert_int_equal(access(log, F_OK), 0);
	free(log);
}

static void
one_of_which_a_worker_dies_before_it_is_ready_changes_nothing(void **state)
{
	fail_by(*state, die, "7-a worker ended before it was ready, or could "
	    "not be started;");
}

static void
one_whose_admin_process_ends_before_it_is_ready_changes_nothing(void **state)
{
	struct fixture *f = *state;
	const struct holdings *first;
	unsigned n;
	char *more;

	start(f, serve);
	first = f->serving;
	n = count_descriptors();
	more = xasprintf(LOG_ONE "admin = { address = \"unix:%s/admin\"; };",
	    f->dir);
	write_conf(f, more);
	free(more);
	reload(f, 7, hang);
	write_conf(f, LOG_ONE);
	expect_as_before(f, first, n, "7-the admin process ended before it was "
	    "ready;");
}

static void
one_that_is_not_ready_in_time_is_given_up(void **state)
{
	struct fixture *f = *state;
	const struct holdings *first;
	unsigned n;

	start(f, serve);
	first = f->serving;
	n = count_descriptors();
	work = hang;
	generations_reload(f->gs, 7);
	UNTIL(f, generations_alive(f->gs) == 2 * WORKERS);
	now += 29 * NS_PER_S;
	turn(f);
	assert_string_equal(f->answers, "");
	now += NS_PER_S;
	turn(f);
	/* Nobody need look into the end of its workers, which was wanted. */
	assert_null(strstr(expect_as_before(f, first, n,
	    "7-its workers were not ready within 30 s;"), "ended by signal"));
}

/* The address is in use as long as one of its workers is alive. */
static void
an_address_of_one_that_failed_is_free_for_the_next(void **state)
{
	struct fixture *f = *state;
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&in, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
	close(fd);
	start(f, serve);
	f->port = ntohs(in.sin_port);
	write_conf(f, LOG_ONE);
	work = die;
	begin_reload(f, 7);
	work = serve;
	generations_reload(f->gs, 8);
	UNTIL(f, f->good + f->bad == 2);
	assert_string_equal(f->answers, "7-a worker ended before it was "
	    "ready, or could not be started;8+;");
}

/* -- waiting -- */

static void
a_reload_waits_while_two_drain_and_those_meanwhile_are_one(void **state)
{
	struct fixture *f = *state;

	start(f, serve_for_long);
	reload(f, 1, serve_for_long);
	reload(f, 2, serve);
	hear_times(f, 'Q', 2 * WORKERS);
	assert_int_equal(generations_alive(f->gs), 3 * WORKERS);
	generations_reload(f->gs, 3);
	generations_reload(f->gs, RELOAD_UNASKED);
	generations_reload(f->gs, 4);
	for (unsigned i = 0; i < 10; i++)
		turn(f);
	assert_string_equal(f->answers, "1+;2+;");
	release(f);
	UNTIL(f, f->good == 3);
	assert_string_equal(f->answers, "1+;2+;3+;4+;");
	UNTIL(f, generations_alive(f->gs) == WORKERS);
	assert_int_equal(f->serves, 4);
}

/* An address that it still has could not be opened. */
static void
a_reload_waits_for_those_before_to_leave_their_sockets(void **state)
{
	struct fixture *f = *state;

	hangs = true;
	start(f, serve_for_long);
	hangs = false;
	reload(f, 1, serve);
	hear_times(f, 'Q', WORKERS);
	generations_reload(f->gs, 2);
	for (unsigned i = 0; i < 10; i++)
		turn(f);
	assert_string_equal(f->answers, "1+;");
	assert_in_range(generations_step(f->gs, now), now + 1,
	    now + 10 * NS_PER_S);
	/* They are not waited for as long as they drain. */
	now += 5 * NS_PER_S;
	UNTIL(f, f->good == 2);
	assert_int_equal(generations_alive(f->gs), 3 * WORKERS);
	assert_non_null(strstr(logged(f), "what it listened at stays in use "
	    "until it has ended"));
}

static void
who_asks_while_one_starts_gets_the_result_of_the_next(void **state)
{
	struct fixture *f = *state;

	start(f, serve);
	work = cannot_start;
	begin_reload(f, 1);
	work = serve;
	generations_reload(f->gs, 2);
	UNTIL(f, f->good == 1);
	assert_string_equal(f->answers, "1-no luck today;2+;");
}

static void
one_that_does_not_end_is_ended_by_force(void **state)
{
	struct fixture *f = *state;

	start(f, serve_for_long);
	reload(f, 1, serve);
	hear_times(f, 'Q', WORKERS);
	now += (WORKER_GRACE_MS + WORKER_END_MS) * NS_PER_MS - 1;
	turn(f);
	assert_int_equal(generations_alive(f->gs), 2 * WORKERS);
	now += 1;
	UNTIL(f, generations_alive(f->gs) == WORKERS);
	assert_non_null(strstr(logged(f), "was ended by signal 9"));
}

/* What the parent sees of a worker that waits for a disk: it is not reaped. */
static void
a_reload_does_not_wait_for_ever_for_what_the_kernel_holds(void **state)
{
	struct fixture *f = *state;
	const char *log;

	start(f, serve_for_long);
	reload(f, 1, serve_for_long);
	reload(f, 2, serve);
	hear_times(f, 'Q', 2 * WORKERS);
	kernel_waits = true;
	generations_reload(f->gs, 3);
	now += (WORKER_GRACE_MS + WORKER_END_MS) * NS_PER_MS;
	turn(f);
	now += 10 * NS_PER_S - 1;
	turn(f);
	assert_string_equal(f->answers, "1+;2+;");
	now += 1;
	turn(f);
	assert_non_null(strstr(f->answers, "3-workers of earlier generations "
	    "were killed and do not end"));
	turn(f);
	log = logged(f);
	for (unsigned i = 0; i < 2 * WORKERS; i++) {
		log = strstr(log, "was killed and does not end: it waits");
		assert_non_null(log);
		log++;
	}
	assert_null(strstr(log, "was killed and does not end: it waits"));
	kernel_waits = false;
	UNTIL(f, generations_alive(f->gs) == WORKERS);
	reload(f, 4, serve);
	assert_non_null(strstr(f->answers, "4+;"));
}

/* The kernel does not let the child go that tries to read the files. */
static void
while_a_late_load_hangs_reloads_are_refused_with_the_reason(void **state)
{
	struct fixture *f = *state;

	start(f, serve);
	kernel_waits = true;
	generations_reload(f->gs, 1);
	turn(f);
	now += LOADING_MS * NS_PER_MS - 1;
	turn(f);
	assert_string_equal(f->answers, "");
	now += 1;
	turn(f);
	assert_non_null(strstr(f->answers, "1-its files could not be read"));
	generations_reload(f->gs, 2);
	turn(f);
	assert_null(strstr(f->answers, "2-"));
	now += 10 * NS_PER_S;
	turn(f);
	assert_non_null(strstr(f->answers, "2-the process that tried"));
	generations_reload(f->gs, 3);
	turn(f);
	assert_non_null(strstr(f->answers, "3-the process that tried"));
	kernel_waits = false;
	turn(f);
	generations_reload(f->gs, 4);
	UNTIL(f, strstr(f->answers, "4+") != NULL);
}

/* -- workers that die -- */

static pid_t
a_worker(const struct fixture *f, size_t i)
{
	struct admin_worker workers[8 * WORKERS];
	struct admin_news news = { .workers = workers };

	generations_describe(f->gs, &news);
	assert_true(i < news.n_workers);
	return (pid_t)workers[i].pid;
}

static void
of_one_that_serves_they_are_replaced_of_one_that_drains_not(void **state)
{
	struct fixture *f = *state;
	pid_t newer, older;

	start(f, serve_for_long);
	reload(f, 1, serve);
	hear_times(f, 'Q', WORKERS);
	newer = a_worker(f, 0);
	older = a_worker(f, WORKERS);
	assert_int_equal(kill(newer, SIGKILL), 0);
	assert_int_equal(kill(older, SIGKILL), 0);
	UNTIL(f, kill(newer, 0) != 0 && kill(older, 0) != 0 &&
	    generations_alive(f->gs) == 2 * WORKERS - 1);
	/* It takes clients at once. */
	hear_times(f, 'S', 1);
}

/* -- descriptors of workers -- */

/* What a worker counted, among what workers were told. */
static char
hear_count(struct fixture *f)
{
	char n;

	do
		n = hear(f);
	while (n == 'Q' || n == 'S');
	return n;
}

static void
workers_have_nothing_of_other_generations(void **state)
{
	struct fixture *f = *state;
	char first, n;
	pid_t pid;

	start(f, count_and_stay);
	first = hear_count(f);
	n = hear_count(f);
	assert_int_equal(first, n);
	/* Another log; the socket is shared. */
	write_conf(f, LOG_OTHER);
	reload(f, 1, count_and_stay);
	for (unsigned i = 0; i < WORKERS; i++)
		assert_int_equal(hear_count(f), first);
	/* One that is started later, beside both. */
	pid = a_worker(f, 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	UNTIL(f, kill(pid, 0) != 0 &&
	    generations_alive(f->gs) == 2 * WORKERS);
	assert_int_equal(hear_count(f), first);
}

/* -- logs -- */

static void
a_log_that_two_generations_share_is_reopened_once_for_all(void **state)
{
	struct fixture *f = *state;
	const char *text, *line = "the access log was reopened";

	start(f, serve_for_long);
	work = hang;
	generations_reload(f->gs, 1);
	UNTIL(f, generations_alive(f->gs) == 2 * WORKERS);
	(void)logged(f);
	generations_reopen_logs(f->gs);
	hear_times(f, 'L', WORKERS);
	text = strstr(logged(f), line);
	assert_non_null(text);
	assert_null(strstr(text + strlen(line), line));
}

/* -- stopping -- */

static void
a_stop_ends_a_reload_and_refuses_further_ones(void **state)
{
	struct fixture *f = *state;

	start(f, serve);
	work = hang;
	generations_reload(f->gs, 1);
	UNTIL(f, generations_alive(f->gs) == 2 * WORKERS);
	generations_reload(f->gs, 2);
	generations_stop(f->gs);
	assert_string_equal(f->answers, "1-it is stopping;2-it is stopping;");
	generations_reload(f->gs, 3);
	assert_non_null(strstr(f->answers, "3-it is stopping;"));
	UNTIL(f, generations_alive(f->gs) == 0);
	assert_int_equal(f->serves, 1);
	assert_int_equal(f->good, 0);
}

int
main(int argc, char **argv)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(the_first_serves_when_its_workers_are_ready),
		CASE(why_the_first_cannot_start_is_known),
		CASE(the_next_takes_over_and_the_one_before_ends_and_leaves_nothing),
		CASE(one_that_cannot_be_loaded_changes_nothing),
		CASE(one_whose_workers_cannot_start_changes_nothing),
		CASE(the_log_that_was_made_for_it_is_removed),
		CASE(one_of_which_a_worker_dies_before_it_is_ready_changes_nothing),
		CASE(one_whose_admin_process_ends_before_it_is_ready_changes_nothing),
		CASE(one_that_is_not_ready_in_time_is_given_up),
		CASE(an_address_of_one_that_failed_is_free_for_the_next),
		CASE(a_reload_waits_while_two_drain_and_those_meanwhile_are_one),
		CASE(a_reload_waits_for_those_before_to_leave_their_sockets),
		CASE(who_asks_while_one_starts_gets_the_result_of_the_next),
		CASE(one_that_does_not_end_is_ended_by_force),
		CASE(a_reload_does_not_wait_for_ever_for_what_the_kernel_holds),
		CASE(of_one_that_serves_they_are_replaced_of_one_that_drains_not),
		CASE(workers_have_nothing_of_other_generations),
		CASE(while_a_late_load_hangs_reloads_are_refused_with_the_reason),
		CASE(a_log_that_two_generations_share_is_reopened_once_for_all),
		CASE(a_stop_ends_a_reload_and_refuses_further_ones),
	};

	/* This is the admin process. */
	if (argc == 2 && strcmp(argv[1], "admin") == 0)
		return 1;
	(void)unsetenv("CREDENTIALS_DIRECTORY");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
