/*
 * Whose turn it is to take a client.  One worker is real, but for its process;
 * the other is what the test says of it in the memory that they share.  Time
 * stands still unless a test lets it pass.
 */
#include "daemon/listeners.h"
#include "net/timer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "client/forward.h"
#include "net/listener.h"
#include "stats/counting.h"
#include "stats/letting_in.h"
#include "../net/turns.h"

#define US		0
#define OTHER		1
#define MINUTE_MS	60000

static char host[] = "h", name[] = "n";
static char *hosts[] = { host };
static struct conf_listener listener;
static struct cidr proxies;
static struct conf conf;
static int64_t now;

struct fixture {
	struct loop *loop;
	struct stats *stats;
	struct env *env;
	struct forward *forward;
	struct sessions *sessions;
	struct balance *balance;
	struct wakeups wakeups;
	struct listeners *listeners;
	struct balance_place other;
	struct addr address;
	int fd;
	int clients[8];
	size_t n;			/* of them */
	uint64_t wanted;
	unsigned ticks;
	char answer[4096];
	size_t n_answer;
	bool (*make_room)(struct sessions *, size_t listener);
	int log[2];
};

/* Clients whose handshake ends only when they are waited for. */
static struct fixture *late_of;
static unsigned n_late;

static int64_t
get_now(void)
{
	return now;
}

static void
on_full(void *owner, size_t i, bool full)
{
	struct fixture *f = owner;

	listeners_full(f->listeners, i, full);
}

static void
make_conf(void)
{
	listener = (struct conf_listener){ .name = name,
	    .hosts = { hosts, 1 } };
	conf = (struct conf){
		.workers = 2,
		.timeouts = { .head = MINUTE_MS, .body = MINUTE_MS,
		    .idle = MINUTE_MS, .send = MINUTE_MS },
		.limits = { .head = 4096, .target = 1024, .trailers = 1024,
		    .fields = 20, .interim = 3, .clients = 100 },
		.listeners = &listener, .n_listeners = 1,
	};
}

static void
listen_locally(struct fixture *f)
{
	struct listener_conf of_it = { .mode = 0 };
	const char *bad;
	char why[200];

	assert_true(addr_parse("127.0.0.1:0", &of_it.address, &bad));
	f->fd = listener_open(&of_it, &f->address, why, sizeof(why));
	if (f->fd == -1)
		fail_msg("%s", why);
}

static void
open_listeners(struct fixture *f, uint32_t most_clients, unsigned turned_away)
{
	f->sessions = sessions_new(f->env, forward_handler(f->forward),
	    most_clients, on_full, f);
	f->listeners = listeners_new(&(struct listeners_conf){
		.env = f->env,
		.sessions = f->sessions,
		.fds = &f->fd,
		.balance = f->balance,
		.wakeups = &f->wakeups,
		.worker = US,
		.turned_away = turned_away,
		.make_room = f->make_room,
	});
}

static int
setup(void **state)
{
	static const struct clock_source source = { get_now, get_now,
	    get_now };
	struct fixture *f = xcalloc(1, sizeof(*f));
	char why[200];

	/* Nothing else ends what waits in vain. */
	alarm(60);
	memset(&proxies, 0, sizeof(proxies));
	now = 1000 * NS_PER_S;
	clock_replace(&source);
	make_conf();
	f->loop = loop_new();
	f->stats = stats_new_alone(&conf);
	stats_enter(f->stats, US);
	f->env = env_new(&conf, f->loop, f->stats, NULL);
	f->forward = forward_new(f->env, f->stats, why, sizeof(why));
	if (f->forward == NULL)
		fail_msg("%s", why);
	f->balance = balance_new(2, 1);
	f->other = (struct balance_place){ f->balance, OTHER, 0 };
	assert_true(wakeups_open(&f->wakeups, 2));
	listen_locally(f);
	assert_int_equal(pipe2(f->log, O_NONBLOCK), 0);
	log_start(f->log[1], LOG_LEVEL_INFO, NULL);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	listeners_free(f->listeners);
	for (size_t i = 0; i < f->n; i++) {
		if (f->clients[i] != -1)
			close(f->clients[i]);
	}
	sessions_free(f->sessions);
	forward_free(f->forward);
	env_free(f->env);
	loop_free(f->loop);
	wakeups_close(&f->wakeups);
	balance_free(f->balance);
	stats_free(f->stats);
	log_start(STDERR_FILENO, LOG_LEVEL_INFO, NULL);
	close(f->log[0]);
	close(f->log[1]);
	clock_replace(NULL);
	alarm(0);
	free(f);
	return 0;
}

/* Somebody wants in. */
static int
connect_one(struct fixture *f)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, &f->address.sa, f->address.len), 0);
	assert_true(f->n < sizeof(f->clients) / sizeof(f->clients[0]));
	f->clients[f->n++] = fd;
	return fd;
}

static uint64_t
taken(const struct fixture *f)
{
	return stats_worker_clients(f->stats, US);
}

static bool
has_taken(void *arg)
{
	const struct fixture *f = arg;

	return taken(f) == f->wanted;
}

static void
expect_taken(struct fixture *f, uint64_t n)
{
	f->wanted = n;
	run_until_fn(f->loop, has_taken, f);
}

/* The other took so many just now. */
static void
other_took(const struct fixture *f, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		balance_note(&f->other, now);
}

static enum balance_state
state_of_us(const struct fixture *f)
{
	enum balance_state state;
	size_t i;

	(void)balance_has_other(&f->other, &i, &state);
	return state;
}

static bool
was_woken(const struct fixture *f, size_t worker)
{
	struct pollfd fd = { .fd = f->wakeups.fds[worker], .events = POLLIN };

	return poll(&fd, 1, 0) == 1;
}

static bool
is_away(void *arg)
{
	return state_of_us(arg) == BALANCE_AWAY;
}

static bool
has_woken(void *arg)
{
	return was_woken(arg, OTHER);
}

/* -- wakeups -- */

static void
a_worker_is_woken_once_however_often_that_is_asked_for(void **state)
{
	struct fixture *f = *state;

	assert_false(was_woken(f, OTHER));
	for (unsigned i = 0; i < 3; i++)
		wakeups_send(&f->wakeups, OTHER);
	assert_true(was_woken(f, OTHER));
	assert_false(was_woken(f, US));
	wakeups_take(&f->wakeups, OTHER);
	assert_false(was_woken(f, OTHER));
	/* Nor does it wait for one that was not sent. */
	wakeups_take(&f->wakeups, OTHER);
	open_listeners(f, 100, 8);
}

/* -- in turn -- */

static void
alone_a_worker_takes_all(void **state)
{
	struct fixture *f = *state;

	open_listeners(f, 100, 8);
	assert_int_equal(state_of_us(f), BALANCE_WAITS);
	for (unsigned i = 0; i < 5; i++)
		connect_one(f);
	expect_taken(f, 5);
}

static void
who_is_ahead_stands_aside_and_wakes_the_other(void **state)
{
	struct fixture *f = *state;

	open_listeners(f, 100, 8);
	balance_set(&f->other, BALANCE_AWAY);
	for (unsigned i = 0; i < BALANCE_LEAD; i++)
		connect_one(f);
	expect_taken(f, BALANCE_LEAD);
	connect_one(f);
	run_until_fn(f->loop, is_away, f);
	assert_int_equal(taken(f), BALANCE_LEAD);
	assert_true(was_woken(f, OTHER));
}

/* It takes one then, where the other may be too busy. */
static void
it_does_so_for_a_moment_at_most(void **state)
{
	struct fixture *f = *state;

	open_listeners(f, 100, 8);
	balance_set(&f->other, BALANCE_WAITS);
	for (unsigned i = 0; i < BALANCE_LEAD + 4; i++)
		connect_one(f);
	run_until_fn(f->loop, is_away, f);
	assert_int_equal(taken(f), BALANCE_LEAD);
	/* One the first time, two the second. */
	now += 10 * NS_PER_MS;
	expect_taken(f, BALANCE_LEAD + 2);
	run_until_fn(f->loop, is_away, f);
	assert_int_equal(taken(f), BALANCE_LEAD + 2);
	now += 10 * NS_PER_MS;
	expect_taken(f, BALANCE_LEAD + 4);
	assert_false(was_woken(f, OTHER));
}

static void
it_takes_the_next_when_it_is_no_longer_ahead(void **state)
{
	struct fixture *f = *state;

	open_listeners(f, 100, 8);
	balance_set(&f->other, BALANCE_AWAY);
	for (unsigned i = 0; i < BALANCE_LEAD + 1; i++)
		connect_one(f);
	run_until_fn(f->loop, is_away, f);
	other_took(f, BALANCE_LEAD);
	wakeups_send(&f->wakeups, US);
	expect_taken(f, BALANCE_LEAD + 1);
	assert_false(was_woken(f, US));
}

static void
when_another_died_it_looks_again(void **state)
{
	struct fixture *f = *state;

	open_listeners(f, 100, 8);
	balance_set(&f->other, BALANCE_AWAY);
	for (unsigned i = 0; i < BALANCE_LEAD + 1; i++)
		connect_one(f);
	run_until_fn(f->loop, is_away, f);
	balance_reset(f->balance, OTHER);
	listeners_look(f->listeners);
	assert_int_equal(state_of_us(f), BALANCE_WAITS);
	expect_taken(f, BALANCE_LEAD + 1);
}

/* -- followed -- */

static bool
has_ticked(void *arg)
{
	struct fixture *f = arg;

	return f->ticks-- == 0;
}

static void
pass_turns(struct fixture *f)
{
	f->ticks = 10;
	run_until_fn(f->loop, has_ticked, f);
}

/* A later generation lets clients in. */
static struct stats *
follow(struct fixture *f)
{
	static struct conf next;
	struct stats *its;
	char why[200];

	next = conf;
	next.workers = 0;
	its = stats_new(stats_own_memory(f->stats), &next, why, sizeof(why));
	assert_non_null(its);
	stats_let_in(its);
	return its;
}

static void
who_is_followed_leaves_clients_to_the_next(void **state)
{
	struct fixture *f = *state;
	struct stats *next;

	open_listeners(f, 100, 8);
	connect_one(f);
	expect_taken(f, 1);
	next = follow(f);
	connect_one(f);
	pass_turns(f);
	listeners_look(f->listeners);
	pass_turns(f);
	assert_int_equal(taken(f), 1);
	stats_free(next);
}

static void
who_is_followed_while_it_stands_aside_does_not_come_back(void **state)
{
	struct fixture *f = *state;
	struct stats *next;

	open_listeners(f, 100, 8);
	balance_set(&f->other, BALANCE_WAITS);
	for (unsigned i = 0; i < BALANCE_LEAD + 1; i++)
		connect_one(f);
	run_until_fn(f->loop, is_away, f);
	next = follow(f);
	now += 10 * NS_PER_MS;
	pass_turns(f);
	assert_int_equal(taken(f), BALANCE_LEAD);
	stats_free(next);
}

static void
who_is_followed_takes_those_of_a_socket_that_goes(void **state)
{
	struct fixture *f = *state;
	struct stats *next;

	open_listeners(f, 100, 8);
	next = follow(f);
	for (unsigned i = 0; i < 2; i++)
		connect_one(f);
	pass_turns(f);
	assert_int_equal(taken(f), 0);
	listeners_empty(f->listeners, 0);
	listeners_free(f->listeners);
	f->listeners = NULL;
	expect_taken(f, 2);
	stats_free(next);
}

/* -- full -- */

/* The last client has an answer, and its end. */
static bool
is_answered(void *arg)
{
	struct fixture *f = arg;
	ssize_t n = recv(f->clients[f->n - 1], f->answer + f->n_answer,
	    sizeof(f->answer) - 1 - f->n_answer, MSG_DONTWAIT);

	if (n > 0)
		f->n_answer += (size_t)n;
	f->answer[f->n_answer] = '\0';
	return n == 0;
}

static bool
has_head(void *arg)
{
	struct fixture *f = arg;

	return is_answered(f) || strstr(f->answer, "\r\n\r\n") != NULL;
}

static const char *
next_answer(struct fixture *f)
{
	f->n_answer = 0;
	connect_one(f);
	run_until_fn(f->loop, is_answered, f);
	return f->answer;
}

static void
who_finds_all_full_is_turned_away_with_an_answer(void **state)
{
	struct fixture *f = *state;
	char told[4096];
	ssize_t n;

	open_listeners(f, 1, 8);
	connect_one(f);
	expect_taken(f, 1);
	assert_int_equal(state_of_us(f), BALANCE_NONE);
	assert_non_null(strstr(next_answer(f), "HTTP/1.1 503 "));
	assert_int_equal(taken(f), 1);
	assert_non_null(strstr(next_answer(f), "HTTP/1.1 503 "));
	assert_int_equal(atomic_load(&stats_worker(f->stats,
	    US)->faults[FAULT_OVERLOADED]), 2);
	/* It is said, but not of each. */
	n = read(f->log[0], told, sizeof(told) - 1);
	assert_true(n > 0);
	told[n] = '\0';
	assert_non_null(strstr(told, "listener n: "));
	assert_ptr_equal(strchr(told, '\n'), told + n - 1);
}

static void
who_finds_all_full_gets_the_place_of_one_who_stalls(void **state)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: evil\r\n"
	    "Connection: close\r\n\r\n";
	struct fixture *f = *state;
	int first, second;

	f->make_room = sessions_make_room;
	open_listeners(f, 2, 8);
	first = connect_one(f);
	expect_taken(f, 1);
	second = connect_one(f);
	expect_taken(f, 2);
	assert_int_equal(write(connect_one(f), request, sizeof(request) - 1),
	    sizeof(request) - 1);
	f->n_answer = 0;
	run_until_fn(f->loop, is_answered, f);
	assert_non_null(strstr(f->answer, "HTTP/1.1 421 "));
	assert_int_equal(recv(first, (char[1]){ 0 }, 1, MSG_DONTWAIT), -1);
	assert_int_equal(errno, ECONNRESET);
	assert_int_equal(recv(second, (char[1]){ 0 }, 1, MSG_DONTWAIT), -1);
	assert_int_equal(errno, EAGAIN);
}

/* Clients come by a proxy, of which each has to say so first. */
static void
come_by_proxies(struct fixture *f, uint32_t most, uint32_t most_of_it)
{
	const char *why;

	assert_true(cidr_parse("127.0.0.0/8", &proxies, &why));
	listener.from_proxies = &proxies;
	listener.n_from_proxies = 1;
	listener.clients = most_of_it;
	f->make_room = sessions_end_arrival;
	open_listeners(f, most, 8);
}

static void
say(int fd, const char *text, size_t n)
{
	assert_int_equal(write(fd, text, n), n);
}

#define SAY(fd, text)	say(fd, text, sizeof(text) - 1)
#define LOCAL		"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"
#define REQUEST		"GET / HTTP/1.1\r\nHost: evil\r\n"

/* Half of the places are taken by who is in, the other half by who stalls. */
static void
take_all_places(struct fixture *f)
{
	SAY(connect_one(f), LOCAL REQUEST "\r\n");
	f->n_answer = 0;
	run_until_fn(f->loop, has_head, f);
	connect_one(f);
	expect_taken(f, 2);
	assert_int_equal(state_of_us(f), BALANCE_NONE);
}

static void
expect_the_place(struct fixture *f)
{
	f->n_answer = 0;
	run_until_fn(f->loop, is_answered, f);
	assert_non_null(strstr(f->answer, "HTTP/1.1 421 "));
	/* Who stalled has gone, and who is in has not. */
	assert_int_equal(recv(f->clients[1], (char[1]){ 0 }, 1, MSG_DONTWAIT),
	    0);
	assert_int_equal(recv(f->clients[0], f->answer, sizeof(f->answer),
	    MSG_DONTWAIT), -1);
	assert_int_equal(errno, EAGAIN);
}

static void
who_finds_all_full_gets_the_place_of_one_on_its_way_in(void **state)
{
	struct fixture *f = *state;

	come_by_proxies(f, 2, 0);
	take_all_places(f);
	SAY(connect_one(f), LOCAL REQUEST "Connection: close\r\n\r\n");
	expect_the_place(f);
}

static void
it_does_so_at_the_limit_of_the_listener(void **state)
{
	struct fixture *f = *state;

	come_by_proxies(f, 100, 2);
	take_all_places(f);
	SAY(connect_one(f), LOCAL REQUEST "Connection: close\r\n\r\n");
	expect_the_place(f);
}

static void
end_turn(void *owner)
{
	loop_stop(owner);
}

static void
pass_one_turn(struct fixture *f)
{
	struct timer end;

	timer_init(&end, f->loop, end_turn, f->loop);
	timer_set(&end, 0);
	loop_run(f->loop);
	timer_end(&end);
}

/* They need not wait for a turn each. */
static void
several_get_places_in_one_turn(void **state)
{
	struct fixture *f = *state;

	f->make_room = sessions_make_room;
	open_listeners(f, 1, 8);
	connect_one(f);
	expect_taken(f, 1);
	for (unsigned i = 0; i < 4; i++)
		connect_one(f);
	pass_one_turn(f);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(recv(f->clients[i], (char[1]){ 0 }, 1,
		    MSG_DONTWAIT), -1);
		assert_int_equal(errno, ECONNRESET);
	}
	assert_int_equal(recv(f->clients[4], (char[1]){ 0 }, 1, MSG_DONTWAIT),
	    -1);
	assert_int_equal(errno, EAGAIN);
}

static void
who_finds_this_one_full_is_left_to_the_other(void **state)
{
	struct fixture *f = *state;
	int fd;

	open_listeners(f, 1, 8);
	connect_one(f);
	expect_taken(f, 1);
	balance_set(&f->other, BALANCE_AWAY);
	fd = connect_one(f);
	run_until_fn(f->loop, has_woken, f);
	pass_turns(f);
	assert_int_equal(recv(fd, (char[1]){ 0 }, 1, MSG_DONTWAIT), -1);
	assert_int_equal(taken(f), 1);
}

static bool
makes_none(struct sessions *all, size_t i)
{
	(void)all;
	(void)i;
	return false;
}

/* Somebody may stall there. */
static void
who_finds_no_place_here_is_left_to_one_that_may_make_some(void **state)
{
	struct fixture *f = *state;

	f->make_room = makes_none;
	open_listeners(f, 1, 8);
	connect_one(f);
	expect_taken(f, 1);
	balance_set(&f->other, BALANCE_FULL);
	connect_one(f);
	run_until_fn(f->loop, has_woken, f);
	pass_turns(f);
	f->n_answer = 0;
	assert_false(is_answered(f));
	assert_int_equal(f->n_answer, 0);
	/* Neither has one: then who waits is turned away, by that one, too. */
	balance_set(&f->other, BALANCE_NONE);
	listeners_look(f->listeners);
	run_until_fn(f->loop, is_answered, f);
	assert_non_null(strstr(f->answer, "HTTP/1.1 503 "));
}

static void
when_a_client_leaves_the_next_is_taken(void **state)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: evil\r\n"
	    "Connection: close\r\n\r\n";
	struct fixture *f = *state;

	open_listeners(f, 1, 8);
	balance_set(&f->other, BALANCE_WAITS);
	connect_one(f);
	expect_taken(f, 1);
	assert_int_equal(write(connect_one(f), request, sizeof(request) - 1),
	    sizeof(request) - 1);
	pass_turns(f);
	assert_false(is_answered(f));
	close(f->clients[0]);
	f->clients[0] = -1;
	f->n_answer = 0;
	run_until_fn(f->loop, is_answered, f);
	assert_non_null(strstr(f->answer, "HTTP/1.1 421 "));
}

/* They hold descriptors for a while; the rest wait in the kernel. */
static void
no_more_are_turned_away_at_a_time_than_may_linger(void **state)
{
	struct fixture *f = *state;

	open_listeners(f, 1, 2);
	connect_one(f);
	expect_taken(f, 1);
	(void)next_answer(f);
	(void)next_answer(f);
	f->n_answer = 0;
	connect_one(f);
	pass_turns(f);
	assert_false(is_answered(f));
	assert_int_equal(f->n_answer, 0);
	/* One of the two that linger ends. */
	close(f->clients[1]);
	f->clients[1] = -1;
	run_until_fn(f->loop, is_answered, f);
	assert_non_null(strstr(f->answer, "HTTP/1.1 503 "));
}

/* -- the end -- */

static void
at_the_end_nobody_is_left_to_it(void **state)
{
	struct fixture *f = *state;
	enum balance_state its;
	size_t i;
	int fd;

	open_listeners(f, 100, 8);
	listeners_free(f->listeners);
	f->listeners = NULL;
	assert_false(balance_has_other(&f->other, &i, &its));
	fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, &f->address.sa, f->address.len), -1);
	close(fd);
	listeners_free(NULL);
}

/* Whoever waits at a socket that is closed would see a reset. */
static void
who_waits_at_a_socket_that_goes_is_taken_first(void **state)
{
	struct fixture *f = *state;

	open_listeners(f, 100, 8);
	for (unsigned i = 0; i < 5; i++)
		connect_one(f);
	/* It is the other's turn, who takes nobody. */
	balance_set(&f->other, BALANCE_WAITS);
	listeners_empty(f->listeners, 0);
	listeners_free(f->listeners);
	f->listeners = NULL;
	assert_int_equal(taken(f), 5);
}

static void
who_waits_there_for_a_worker_that_is_full_is_turned_away(void **state)
{
	struct fixture *f = *state;

	open_listeners(f, 1, 1);
	connect_one(f);
	expect_taken(f, 1);
	for (unsigned i = 0; i < 3; i++)
		connect_one(f);
	listeners_empty(f->listeners, 0);
	listeners_free(f->listeners);
	f->listeners = NULL;
	run_until_fn(f->loop, is_answered, f);
	assert_non_null(strstr(f->answer, "HTTP/1.1 503 "));
	assert_int_equal(taken(f), 1);
}

static void
who_waits_there_gets_the_place_of_one_on_its_way_in(void **state)
{
	struct fixture *f = *state;

	come_by_proxies(f, 2, 0);
	take_all_places(f);
	SAY(connect_one(f), LOCAL REQUEST "Connection: close\r\n\r\n");
	listeners_empty(f->listeners, 0);
	listeners_free(f->listeners);
	f->listeners = NULL;
	expect_the_place(f);
}

bool	__real_listener_waits(const struct listener *, int ms);
bool	__wrap_listener_waits(const struct listener *, int ms);

bool
__wrap_listener_waits(const struct listener *l, int ms)
{
	if (n_late != 0) {
		n_late--;
		connect_one(late_of);
	}
	return __real_listener_waits(l, ms);
}

static void
who_is_late_at_a_socket_that_goes_is_waited_for(void **state)
{
	struct fixture *f = *state;

	open_listeners(f, 100, 8);
	connect_one(f);
	late_of = f;
	n_late = 2;
	listeners_empty(f->listeners, 0);
	listeners_free(f->listeners);
	f->listeners = NULL;
	assert_int_equal(n_late, 0);
	assert_int_equal(taken(f), 3);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(a_worker_is_woken_once_however_often_that_is_asked_for),
		CASE(alone_a_worker_takes_all),
		CASE(who_is_ahead_stands_aside_and_wakes_the_other),
		CASE(it_does_so_for_a_moment_at_most),
		CASE(it_takes_the_next_when_it_is_no_longer_ahead),
		CASE(when_another_died_it_looks_again),
		CASE(who_is_followed_leaves_clients_to_the_next),
		CASE(who_is_followed_while_it_stands_aside_does_not_come_back),
		CASE(who_is_followed_takes_those_of_a_socket_that_goes),
		CASE(who_finds_all_full_is_turned_away_with_an_answer),
		CASE(who_finds_all_full_gets_the_place_of_one_who_stalls),
		CASE(who_finds_all_full_gets_the_place_of_one_on_its_way_in),
		CASE(it_does_so_at_the_limit_of_the_listener),
		CASE(several_get_places_in_one_turn),
		CASE(who_finds_this_one_full_is_left_to_the_other),
		CASE(who_finds_no_place_here_is_left_to_one_that_may_make_some),
		CASE(when_a_client_leaves_the_next_is_taken),
		CASE(no_more_are_turned_away_at_a_time_than_may_linger),
		CASE(at_the_end_nobody_is_left_to_it),
		CASE(who_waits_at_a_socket_that_goes_is_taken_first),
		CASE(who_is_late_at_a_socket_that_goes_is_waited_for),
		CASE(who_waits_there_for_a_worker_that_is_full_is_turned_away),
		CASE(who_waits_there_gets_the_place_of_one_on_its_way_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
