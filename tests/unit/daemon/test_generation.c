/*
 * Workers as processes.  They are real ones, of which worker_run() is left
 * out: what the test says is what they do instead.
 */
#include "daemon/generation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/control_channel.h"
#include "daemon/tls_renewal.h"
#include "daemon/worker.h"
#include "stats/counting.h"

#define WORKERS	3

static struct conf conf;
static struct access_file access_log;
static struct holdings holdings;
static struct admin_keeper *keeper;	/* of no process */
static size_t listed[] = { 0, 1 };
static char route_name[] = "all";
static struct conf_route route = { .name = route_name, .client = CONF_NONE,
    .keys = listed, .n_keys = 2 };
static struct key_keeper *keys;
static char key_names[2][2] = { "a", "b" };
static struct conf_key conf_keys[2];
static unsigned n_probes;
static uint32_t probed;
static struct name_servers *servers;
static struct ticket_keys *tickets;	/* NULL: no listener speaks TLS */
static char servers_file[32];
static char name[] = "local";
static struct conf_listener listener = { .name = name };
static struct conf_upstream cloud = { .name = name };
static struct generation *g;
static int said[2], logged[2];		/* pipes: of workers, of the parent */
static int stay[2] = { -1, -1 };	/* workers do, until its end */
static int64_t now;
static bool fork_fails;
static pid_t forked;			/* last */

/* What a worker does; its exit status. */
static int (*work)(const struct worker_conf *);

int __wrap_worker_run(const struct worker_conf *);
pid_t __real_fork(void);
pid_t __wrap_fork(void);

int
__wrap_worker_run(const struct worker_conf *w)
{
	_exit(work(w));
}

pid_t
__wrap_fork(void)
{
	if (fork_fails) {
		errno = EAGAIN;
		return -1;
	}
	forked = __real_fork();
	return forked;
}

static struct key_question
on_probe(void *owner, uint32_t key, uint32_t upstream)
{
	(void)owner;
	assert_int_equal(upstream, stats_numbers(holdings.stats)->upstreams[0]);
	probed = key;
	n_probes++;
	return (struct key_question){ .worker = 1 };
}

static int64_t
get_now(void)
{
	return now;
}

static int
setup(void **state)
{
	static const struct clock_source source = { get_now, get_now,
	    get_now };

	(void)state;
	now = 1000 * NS_PER_S;
	clock_replace(&source);
	fork_fails = false;
	for (size_t i = 0; i < 2; i++)
		conf_keys[i] = (struct conf_key){ .name = key_names[i],
		    .value = secret_copy(key_names[i], 1),
		    .expires = CONF_NO_TIME };
	conf = (struct conf){ .workers = WORKERS, .listeners = &listener,
	    .n_listeners = 1, .keys = conf_keys, .n_keys = 2,
	    .upstreams = &cloud, .n_upstreams = 1, .routes = &route,
	    .n_routes = 1 };
	access_log = (struct access_file){ .fd = -1 };
	holdings = (struct holdings){
		.conf = &conf,
		.stats = stats_new_alone(&conf),
		.balance = balance_new(WORKERS, 1),
		.access = &access_log,
	};
	keys = key_keeper_new(&(struct key_keeper_conf){
		.memory = stats_shared(holdings.stats),
		.probe = on_probe });
	n_probes = 0;
	keeper = admin_keeper_new(&(struct admin_keeper_conf){
		.owner = NULL });
	assert_true(wakeups_open(&holdings.wakeups, WORKERS));
	strcpy(servers_file, "/tmp/sallyport-servers-XXXXXX");
	close(mkstemp(servers_file));
	servers = name_servers_new(servers_file);
	assert_int_equal(pipe2(said, O_CLOEXEC), 0);
	assert_int_equal(pipe2(logged, O_CLOEXEC | O_NONBLOCK), 0);
	log_start(logged[1], LOG_LEVEL_INFO, NULL);
	return 0;
}

/* What was logged since. */
static const char *
log_text(void)
{
	static char text[8192];
	ssize_t n = read(logged[0], text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void
start(int (*fn)(const struct worker_conf *))
{
	work = fn;
	g = generation_new(&(struct generation_conf){
		.holdings = &holdings,
		.keys = keys,
		.admin = keeper,
		.servers = servers,
		.tickets = tickets,
	});
}

/* Waits for one to end, and has it taken for what it is. */
static pid_t
reap(void)
{
	int status;
	pid_t pid = waitpid(-1, &status, 0);

	assert_true(pid > 0);
	assert_true(generation_reap(g, pid, status));
	return pid;
}

static int
teardown(void **state)
{
	(void)state;
	if (g != NULL)
		generation_stop(g, SIGKILL);
	while (g != NULL && generation_alive(g) != 0)
		(void)reap();
	generation_free(g);
	g = NULL;
	admin_keeper_free(keeper);
	key_keeper_free(keys);
	balance_free(holdings.balance);
	stats_free(holdings.stats);
	for (size_t i = 0; i < 2; i++)
		secret_free(conf_keys[i].value);
	wakeups_close(&holdings.wakeups);
	name_servers_free(servers);
	unlink(servers_file);
	for (unsigned i = 0; i < 2; i++) {
		close(said[i]);
		close(logged[i]);
	}
	clock_replace(NULL);
	log_start(STDERR_FILENO, LOG_LEVEL_INFO, NULL);
	return 0;
}

/* Until something can be read of workers. */
static void
listen_to_workers(void)
{
	struct pollfd fds[WORKERS];
	size_t n = generation_poll(g, fds);

	assert_true(n <= generation_size(g));
	assert_true(poll(fds, (nfds_t)n, 30000) > 0);
	generation_read(g);
}

static void
wait_until_ready(void)
{
	while (!generation_is_ready(g))
		listen_to_workers();
}

/* -- workers -- */

static void
wait_for_message(const struct worker_conf *w, struct control_message *m,
    enum control_result *result)
{
	struct pollfd fd = { .fd = w->control, .events = POLLIN };

	(void)poll(&fd, 1, -1);
	*result = control_receive(w->control, m);
}

/* As one whose exchanges take their time. */
static int
end_later(void)
{
	char byte;

	if (stay[0] == -1)
		return 0;
	close(stay[1]);
	return read(stay[0], &byte, 1) != 0;
}

/* Says its number for each message that it gets, and its kind. */
static int
tell(const struct worker_conf *w)
{
	enum control_result result;
	struct control_message m;
	sigset_t none;

	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	control_send(w->control, CONTROL_READY, -1, NULL);
	if (w->serves && write(said[1], (char []){ (char)('0' + w->slot),
	    CONTROL_SERVE }, 2) != 2)
		return 1;
	for (;;) {
		wait_for_message(w, &m, &result);
		if (result == CONTROL_NOTHING)
			continue;
		if (result == CONTROL_GONE)
			m.kind = 'G';
		if (write(said[1], (char []){ (char)('0' + w->slot),
		    (char)m.kind }, 2) != 2)
			return 1;
		if (result == CONTROL_GONE)
			return end_later();
		if (m.fd != -1 && write(m.fd, "line\n", 5) != 5)
			return 1;
	}
}

static int
cannot_start(const struct worker_conf *w)
{
	char why[] = "reason 0";

	why[sizeof(why) - 2] += (char)w->slot;
	control_send(w->control, CONTROL_FAILED, -1, why);
	return 1;
}

static int
end_at_once(const struct worker_conf *w)
{
	(void)w;
	return 3;
}

/* One name of a key and upstream that there is, and many that there are not. */
static int
suspect(const struct worker_conf *w)
{
	static const char *const texts[] = {
		"", " ", "0", "0 ", " 0", "2 0", "0 1", "-1 0", "0 -1",
		"0 0 0", "1x 0", "18446744073709551617 0", "1 0", "1  0",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		control_send(w->control, CONTROL_SUSPECT, -1, texts[i]);
	control_send(w->control, CONTROL_SUSPECT, -1, NULL);
	return tell(w);
}

/* Takes no message before a byte comes; then says which kind each is of. */
static int
hear_late(const struct worker_conf *w)
{
	enum control_result result = CONTROL_NOTHING;
	struct control_message m;
	char byte;

	control_send(w->control, CONTROL_READY, -1, NULL);
	if (read(stay[0], &byte, 1) != 1)
		return 1;
	while (result != CONTROL_GONE) {
		wait_for_message(w, &m, &result);
		if (result == CONTROL_MESSAGE &&
		    write(said[1], (char []){ '0', (char)m.kind }, 2) != 2)
			return 1;
	}
	return 0;
}

#define MUCH	100

/* As one that was taken over might. */
static int
talk(const struct worker_conf *w)
{
	for (unsigned i = 0; i < MUCH; i++)
		control_send(w->control, (enum control_kind)('!' + i), said[1],
		    "x");
	return tell(w);
}

static void
hear(char got[2])
{
	struct pollfd fd = { .fd = said[0], .events = POLLIN };

	assert_int_equal(poll(&fd, 1, 30000), 1);
	assert_int_equal(read(said[0], got, 2), 2);
}

/*
 * What workers said, in the order of their numbers: "0K1K".  To be told to look
 * once more is never wrong, so it is left out where it is not asked for.
 */
static void
expect_said(const char *text)
{
	bool looks = strchr(text, 'K') != NULL;
	size_t n = strlen(text);
	char got[64];

	for (size_t i = 0; i < n; i += 2) {
		do
			hear(got + i);
		while (!looks && got[i + 1] == 'K');
	}
	for (size_t i = 0; i < n; i += 2) {
		size_t j = 0;

		while (j < n && memcmp(got + j, text + i, 2) != 0)
			j += 2;
		if (j == n)
			fail_msg("%.*s instead of %s", (int)n, got, text);
	}
}

/* -- name servers -- */

/* Asks twice, and says what it was told. */
static int
ask_for_servers(const struct worker_conf *w)
{
	enum control_result result;
	struct control_message m;

	for (unsigned i = 0; i < 2; i++) {
		control_send(w->control, CONTROL_SERVERS, -1, NULL);
		do
			wait_for_message(w, &m, &result);
		while (result != CONTROL_MESSAGE || m.kind != CONTROL_SERVERS);
		if (write(said[1], m.text[0] != '\0' ? "new" : "old", 3) != 3)
			return 1;
	}
	return 0;
}

static void
who_asks_is_told_of_changed_name_servers_once(void **state)
{
	char got[6 * WORKERS + 1] = "";
	size_t n = 0;
	FILE *f;

	(void)state;
	start(ask_for_servers);
	f = fopen(servers_file, "w");
	fputs("nameserver 192.0.2.1\n", f);
	assert_int_equal(fclose(f), 0);
	while (n < sizeof(got) - 1) {
		struct pollfd fd = { .fd = said[0], .events = POLLIN };

		generation_read(g);
		if (poll(&fd, 1, 1) == 1)
			n += (size_t)read(said[0], got + n, 3);
	}
	n = 0;
	for (const char *at = got; (at = strstr(at, "new")) != NULL; at += 3)
		n++;
	assert_int_equal(n, WORKERS);
	while (generation_alive(g) != 0)
		(void)reap();
}

/* -- starting -- */

static void
it_is_ready_when_each_worker_is(void **state)
{
	(void)state;
	start(tell);
	assert_int_equal(generation_alive(g), WORKERS);
	assert_false(generation_is_ready(g));
	wait_until_ready();
	assert_null(generation_failure(g));
	assert_int_equal(generation_replace(g, now), INT64_MAX);
	assert_string_equal(log_text(), "");
}

static void
the_first_reason_of_one_that_cannot_start_is_kept(void **state)
{
	char first[64], expected[128];

	(void)state;
	start(cannot_start);
	while (generation_failure(g) == NULL)
		listen_to_workers();
	snprintf(first, sizeof(first), "%s", generation_failure(g));
	while (generation_alive(g) != 0)
		(void)reap();
	assert_string_equal(generation_failure(g), first);
	snprintf(expected, sizeof(expected), "cannot start: %s", first);
	assert_non_null(strstr(log_text(), expected));
	assert_false(generation_is_ready(g));
}

static void
what_cannot_be_forked_is_tried_again_later(void **state)
{
	(void)state;
	fork_fails = true;
	start(tell);
	assert_int_equal(generation_alive(g), 0);
	assert_non_null(strstr(log_text(), "cannot start a worker: "));
	assert_int_equal(generation_replace(g, now), now + 100 * NS_PER_MS);
	fork_fails = false;
	now += 100 * NS_PER_MS;
	assert_int_equal(generation_replace(g, now), INT64_MAX);
	wait_until_ready();
}

static void
workers_take_clients_once_they_are_told_and_later_ones_at_once(void **state)
{
	(void)state;
	start(tell);
	wait_until_ready();
	generation_serve(g);
	expect_said("0S1S2S");
	assert_int_equal(kill(forked, SIGKILL), 0);
	assert_int_equal(waitpid(forked, NULL, 0), forked);
	assert_true(generation_reap(g, forked, SIGKILL));
	(void)generation_replace(g, now);
	expect_said("2S");
}

/* -- replacing -- */

/* The last one that was started. */
static void
kill_last(void)
{
	assert_int_equal(kill(forked, SIGKILL), 0);
	assert_int_equal(reap(), forked);
}

static void
one_that_dies_is_replaced_at_once(void **state)
{
	pid_t first;

	(void)state;
	start(tell);
	wait_until_ready();
	first = forked;
	now += NS_PER_S;
	kill_last();
	assert_int_equal(generation_alive(g), WORKERS - 1);
	assert_false(generation_is_ready(g));
	assert_non_null(strstr(log_text(), "was ended by signal 9"));
	assert_int_equal(atomic_load(stats_worker_restarts(holdings.stats)), 1);
	assert_int_equal(generation_replace(g, now), INT64_MAX);
	assert_int_not_equal(forked, first);
	assert_int_equal(generation_alive(g), WORKERS);
	wait_until_ready();
	assert_null(generation_failure(g));
}

/* Others may stand aside for it, or be ahead of it. */
static void
what_it_had_is_forgotten_and_the_others_are_told(void **state)
{
	const struct balance_place its = { holdings.balance, WORKERS - 1, 0 };
	const struct balance_place other = { holdings.balance, 0, 0 };
	enum balance_state state_of_other;
	size_t i;

	(void)state;
	start(tell);
	wait_until_ready();
	stats_enter(holdings.stats, WORKERS - 1);
	stats_count_client(holdings.stats, 0, true);
	assert_int_equal(stats_worker_clients(holdings.stats, WORKERS - 1), 1);
	balance_set(&its, BALANCE_WAITS);
	assert_true(balance_has_other(&other, &i, &state_of_other));
	kill_last();
	assert_int_equal(stats_worker_clients(holdings.stats, WORKERS - 1), 0);
	assert_false(balance_has_other(&other, &i, &state_of_other));
	expect_said("0K1K");
}

/* It dies once more; time passes until it is started anew. */
static void
kill_last_and_wait(void)
{
	int64_t due;

	kill_last();
	due = generation_replace(g, now);
	if (due == INT64_MAX)
		return;
	assert_int_equal(generation_alive(g), WORKERS - 1);
	assert_int_equal(generation_replace(g, due - 1), due);
	now = due;
	assert_int_equal(generation_replace(g, now), INT64_MAX);
}

static void
one_that_dies_young_is_replaced_later_each_time(void **state)
{
	static const int64_t ms[] = { 0, 200, 400, 800, 1600, 3200, 6400,
	    12800, 25600, 30000, 30000 };

	(void)state;
	start(tell);
	wait_until_ready();
	for (size_t i = 0; i < sizeof(ms) / sizeof(ms[0]); i++) {
		int64_t before = now;

		kill_last_and_wait();
		assert_int_equal(now - before, ms[i] * NS_PER_MS);
	}
	assert_non_null(strstr(log_text(), "is replaced in 200 ms; replaced "
	    "so far: 2"));
	/* Who lived long enough begins anew. */
	now += 11 * NS_PER_S;
	kill_last();
	assert_int_equal(generation_replace(g, now), INT64_MAX);
}

static void
one_that_ends_by_itself_is_replaced_as_well(void **state)
{
	(void)state;
	start(end_at_once);
	for (unsigned i = 0; i < WORKERS; i++)
		(void)reap();
	assert_non_null(strstr(log_text(), "ended with status 3"));
	work = tell;
	assert_int_equal(generation_replace(g, now), INT64_MAX);
	wait_until_ready();
}

static void
who_is_no_worker_of_it_is_not_taken_for_one(void **state)
{
	(void)state;
	start(tell);
	assert_false(generation_reap(g, getpid(), 0));
	assert_int_equal(generation_alive(g), WORKERS);
}

/* -- stopping -- */

static void
a_stop_reaches_all_and_nobody_is_replaced(void **state)
{
	(void)state;
	start(tell);
	wait_until_ready();
	generation_stop(g, SIGTERM);
	while (generation_alive(g) != 0)
		(void)reap();
	assert_int_equal(generation_replace(g, now), INT64_MAX);
	assert_int_equal(generation_alive(g), 0);
	assert_int_equal(atomic_load(stats_worker_restarts(holdings.stats)), 0);
}

static int
end_well(const struct worker_conf *w)
{
	struct control_message m;
	enum control_result result;

	control_send(w->control, CONTROL_READY, -1, NULL);
	wait_for_message(w, &m, &result);
	return result != CONTROL_MESSAGE || m.kind != CONTROL_CUT;
}

static void
who_is_cut_hears_it_and_ends_without_a_word(void **state)
{
	(void)state;
	start(end_well);
	wait_until_ready();
	/* A stop without a signal. */
	generation_stop(g, 0);
	generation_cut(g);
	while (generation_alive(g) != 0)
		(void)reap();
	assert_string_equal(log_text(), "");
}

/* Each holds its own end alone, or the end of all would never come. */
static void
the_end_of_the_parent_is_seen_by_every_worker(void **state)
{
	pid_t parent;
	int status;

	(void)state;
	assert_int_equal(pipe2(stay, O_CLOEXEC), 0);
	parent = __real_fork();
	assert_int_not_equal(parent, -1);
	if (parent == 0) {
		/* What a parent decides, its children cannot. */
		holdings.stats = stats_new_alone(&conf);
		start(tell);
		/* The last one is replaced: it was forked after the others. */
		wait_until_ready();
		(void)kill(forked, SIGKILL);
		(void)waitpid(forked, &status, 0);
		(void)generation_reap(g, forked, status);
		(void)generation_replace(g, now);
		wait_until_ready();
		if (write(said[1], "!!", 2) != 2)
			_exit(1);
		(void)pause();
		_exit(0);
	}
	/* Those that were told of the death said so. */
	expect_said("0K1K!!");
	kill(parent, SIGKILL);
	assert_int_equal(waitpid(parent, &status, 0), parent);
	expect_said("0G1G2G");
	close(stay[0]);
	close(stay[1]);
	stay[0] = stay[1] = -1;
}

/* -- loops that do not turn -- */

/* Looks as often as it wants to be called, for so many seconds. */
static void
watch_for(unsigned seconds)
{
	int64_t end = now + seconds * NS_PER_S;

	while (now < end) {
		int64_t next = generation_watch(g, now);

		assert_in_range(next - now, 1, 5 * NS_PER_S);
		now = next < end ? next : end;
	}
	(void)generation_watch(g, now);
}

static void
one_whose_loop_does_not_turn_is_ended(void **state)
{
	(void)state;
	conf.workers = 1;
	start(tell);
	wait_until_ready();
	watch_for(9);
	assert_string_equal(log_text(), "");
	watch_for(4);
	assert_non_null(strstr(log_text(), "its loop has not turned for 1"));
	(void)reap();
	assert_non_null(strstr(log_text(), "was ended by signal 9"));
	assert_int_equal(generation_replace(g, now), INT64_MAX);
	assert_int_equal(generation_alive(g), 1);
}

/* Its loop turns at a time that comes. */
static int
turn(const struct worker_conf *w)
{
	stats_enter(w->stats, w->slot);
	stats_beat(w->stats, 1030 * NS_PER_S);
	return tell(w);
}

static void
one_whose_loop_turns_is_left_alone(void **state)
{
	(void)state;
	conf.workers = 1;
	start(turn);
	wait_until_ready();
	watch_for(35);
	assert_string_equal(log_text(), "");
	assert_int_equal(generation_alive(g), 1);
}

static void
nobody_is_ended_after_all_stood_still(void **state)
{
	(void)state;
	start(tell);
	wait_until_ready();
	watch_for(2);
	now += 3600 * NS_PER_S;
	(void)generation_watch(g, now);
	assert_string_equal(log_text(), "");
	assert_int_equal(generation_alive(g), WORKERS);
}

/* -- the access log -- */

static void
a_log_that_was_reopened_reaches_every_worker(void **state)
{
	char got[5 * WORKERS];
	int fds[2];

	(void)state;
	start(tell);
	wait_until_ready();
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	access_log.fd = fds[1];
	generation_use_log(g);
	expect_said("0L1L2L");
	close(fds[1]);
	for (unsigned i = 0; i < WORKERS; i++) {
		assert_int_equal(read(fds[0], got, 5), 5);
		assert_memory_equal(got, "line\n", 5);
	}
	close(fds[0]);
}

/* -- workers that were taken over -- */

static size_t
count_descriptors(void)
{
	size_t n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

static void
what_a_worker_sends_is_read_little_by_little_and_kept_nowhere(void **state)
{
	unsigned reads = 0;
	size_t n;

	(void)state;
	conf.workers = 1;
	start(talk);
	n = count_descriptors();
	while (!generation_is_ready(g)) {
		listen_to_workers();
		assert_int_equal(count_descriptors(), n);
		reads++;
	}
	/* 'R' was among the last. */
	assert_true(reads > 3);
}

static void
decisions_about_keys_are_told_to_all(void **state)
{
	(void)state;
	start(tell);
	wait_until_ready();
	generation_tell_keys(g);
	expect_said("0Y1Y2Y");
}

static void
a_suspicion_is_passed_on_only_of_a_key_and_an_upstream_that_it_has(
    void **state)
{
	(void)state;
	conf.workers = 1;
	key_keeper_meet(keys, &conf, stats_numbers(holdings.stats));
	key_keeper_serve(keys, &conf, holdings.stats);
	start(suspect);
	wait_until_ready();
	assert_int_equal(n_probes, 1);
	assert_int_equal(probed, stats_numbers(holdings.stats)->keys[1]);
}

/* More than the socket of a worker holds. */
#define FLOOD	2000

static void
a_worker_that_could_not_be_sent_what_was_renewed_gets_it_later(void **state)
{
	const struct tls_renewal r = { .certificate = text_of("renewed") };
	char got[2] = "";

	(void)state;
	listener.tls.certificate = text_of("loaded");
	tickets = ticket_keys_new();
	conf.workers = 1;
	assert_int_equal(pipe2(stay, O_CLOEXEC), 0);
	start(hear_late);
	wait_until_ready();
	for (unsigned i = 0; i < FLOOD; i++)
		generation_tell_keys(g);
	generation_renew(g, 0, tls_renewal_pack(&r));
	assert_non_null(strstr(log_text(), "cannot be sent what was renewed"));
	(void)generation_watch(g, now);
	assert_null(strstr(log_text(), "sent what was renewed"));
	assert_int_equal(write(stay[1], "x", 1), 1);
	hear(got);
	now += 6 * NS_PER_S;
	(void)generation_watch(g, now);
	assert_non_null(strstr(log_text(), "was sent what was renewed"));
	while (got[1] != CONTROL_RENEWAL)
		hear(got);
	close(stay[0]);
	close(stay[1]);
	stay[0] = stay[1] = -1;
	listener.tls.certificate = (struct text){ .p = NULL };
	ticket_keys_free(tickets);
	tickets = NULL;
}

/*
 * One that was stopped, or hangs, hears of its end as soon as it reads: it would
 * serve on, and listen, and no further reload would come to pass.
 */
static void
who_takes_no_messages_for_a_while_is_owed_them(void **state)
{
	static struct socket *sockets[1];
	struct conf other_conf = conf;
	struct holdings other = holdings;
	struct generation *next;
	char got[2];

	(void)state;
	conf.workers = 1;
	other_conf.workers = 0;
	other.conf = &other_conf;
	assert_int_equal(pipe2(stay, O_CLOEXEC), 0);
	start(hear_late);
	wait_until_ready();
	holdings.sockets.v = sockets;
	holdings.sockets.n = 1;
	for (unsigned i = 0; i < FLOOD; i++)
		generation_tell_keys(g);
	next = generation_new(&(struct generation_conf){
		.holdings = &other, .keys = keys, .admin = keeper,
		.servers = servers,
	});
	generation_retire(g, next);
	generation_read(g);
	assert_int_equal(write(stay[1], "x", 1), 1);
	do {
		hear(got);
		generation_read(g);
	} while (got[1] == CONTROL_KEYS);
	assert_int_equal(got[1], CONTROL_EMPTY);
	hear(got);
	assert_int_equal(got[1], CONTROL_RETIRE);
	generation_free(next);
	close(stay[0]);
	close(stay[1]);
	stay[0] = stay[1] = -1;
	holdings.sockets.n = 0;
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(who_asks_is_told_of_changed_name_servers_once),
		CASE(it_is_ready_when_each_worker_is),
		CASE(the_first_reason_of_one_that_cannot_start_is_kept),
		CASE(what_cannot_be_forked_is_tried_again_later),
		CASE(workers_take_clients_once_they_are_told_and_later_ones_at_once),
		CASE(one_that_dies_is_replaced_at_once),
		CASE(what_it_had_is_forgotten_and_the_others_are_told),
		CASE(one_that_dies_young_is_replaced_later_each_time),
		CASE(one_that_ends_by_itself_is_replaced_as_well),
		CASE(who_is_no_worker_of_it_is_not_taken_for_one),
		CASE(a_stop_reaches_all_and_nobody_is_replaced),
		CASE(who_is_cut_hears_it_and_ends_without_a_word),
		CASE(the_end_of_the_parent_is_seen_by_every_worker),
		CASE(one_whose_loop_does_not_turn_is_ended),
		CASE(one_whose_loop_turns_is_left_alone),
		CASE(nobody_is_ended_after_all_stood_still),
		CASE(a_log_that_was_reopened_reaches_every_worker),
		CASE(what_a_worker_sends_is_read_little_by_little_and_kept_nowhere),
		CASE(decisions_about_keys_are_told_to_all),
		CASE(a_worker_that_could_not_be_sent_what_was_renewed_gets_it_later),
		CASE(who_takes_no_messages_for_a_while_is_owed_them),
		CASE(a_suspicion_is_passed_on_only_of_a_key_and_an_upstream_that_it_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
