/*
 * client/arrivals: who gets in, who does not, and how many wait.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h needs the first four of them. */
#include <cmocka.h>

#include <sys/socket.h>
#include <unistd.h>

#include "../../lib/certs.h"
#include "base/secret.h"
#include "client/arrivals.h"
#include "client/tls_servers.h"

#define HEADER	"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" \
	"\xc0\0\x02\x07\x0a\0\0\x01\xc3\x50\x01\xbb"
#define LOCAL	"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"

#define MOST	3		/* that wait */

struct world {
	struct conf conf;
	struct conf_listener listeners[2];
	char name[3];
	struct cidr proxies;
	struct loop *loop;
	struct stats *stats;
	struct env *env;
	struct arrivals *arrivals;
	struct addr peer;
	unsigned in, over;
	bool runs;			/* the loop, until one of them */
	int fd;				/* of who came in last */
	char client[ADDR_TEXT];
};

static void
on_in(void *owner, const struct arrived *client)
{
	struct world *w = owner;
	struct addr a;

	w->in++;
	w->fd = client->fd;
	addr_ip_to(&client->principal.ip, &a);
	addr_format(&a, w->client);
	if (w->runs)
		loop_stop(w->loop);
}

static void
on_over(void *owner)
{
	struct world *w = owner;

	w->over++;
	if (w->runs)
		loop_stop(w->loop);
}

static const struct arrival_events events = { .in = on_in, .over = on_over };

static int
set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	const char *why;

	memcpy(w->name, "lb", sizeof(w->name));
	assert_true(cidr_parse("10.0.0.0/8", &w->proxies, &why));
	assert_true(addr_parse("10.0.0.9:1234", &w->peer, &why));
	w->listeners[0] = (struct conf_listener){
		.name = w->name,
		.from_proxies = &w->proxies,
		.n_from_proxies = 1,
	};
	w->listeners[1] = w->listeners[0];
	w->listeners[1].clients = 2 * (MOST - 1);
	w->conf = (struct conf){
		.workers = 1,
		.listeners = w->listeners,
		.n_listeners = 2,
		.timeouts.head = 60000,
		.log.level = LOG_LEVEL_ERROR,
	};
	w->loop = loop_new();
	w->stats = stats_new_alone(&w->conf);
	w->env = env_new(&w->conf, w->loop, w->stats, NULL);
	w->arrivals = arrivals_new(w->env, 2 * MOST, &events);
	w->fd = -1;
	*state = w;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	if (w->fd != -1)
		close(w->fd);
	arrivals_free(w->arrivals);
	env_free(w->env);
	stats_free(w->stats);
	loop_free(w->loop);
	free(w);
	return 0;
}

/* A connection on its way; the end of its other side. */
static int
arrive_by(struct world *w, size_t listener)
{
	struct principal principal = { .n_groups = 0 };
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    fds), 0);
	addr_ip_from(&principal.ip, &w->peer);
	arrivals_take(w->arrivals, listener, fds[0], &principal, w);
	return fds[1];
}

static int
arrive(struct world *w)
{
	return arrive_by(w, 0);
}

static void
run(struct world *w)
{
	w->runs = true;
	loop_run(w->loop);
	w->runs = false;
}

static void
say(struct world *w, int fd, const char *bytes, size_t n)
{
	assert_int_equal(send(fd, bytes, n, 0), n);
	run(w);
}

static bool
has_ended(int fd)
{
	char c;

	return recv(fd, &c, 1, MSG_DONTWAIT) == 0;
}

static void
who_is_named_comes_in_and_nothing_behind_is_read(void **state)
{
	struct world *w = *state;
	int fd = arrive(w);
	char rest[8];

	say(w, fd, HEADER "GET", sizeof(HEADER "GET") - 1);
	assert_int_equal(w->in, 1);
	assert_int_equal(w->over, 0);
	assert_string_equal(w->client, "192.0.2.7:50000");
	assert_int_equal(recv(w->fd, rest, sizeof(rest), 0), 3);
	assert_memory_equal(rest, "GET", 3);
	close(fd);
}

static void
a_connection_of_the_proxy_itself_is_the_proxys(void **state)
{
	struct world *w = *state;
	int fd = arrive(w);

	say(w, fd, LOCAL, sizeof(LOCAL) - 1);
	assert_int_equal(w->in, 1);
	assert_string_equal(w->client, "10.0.0.9:1234");
	close(fd);
}

static void
who_is_no_proxy_is_not_even_read(void **state)
{
	struct world *w = *state;
	const char *why;
	int fd;

	assert_true(addr_parse("192.0.2.9:1234", &w->peer, &why));
	fd = arrive(w);
	assert_int_equal(w->over, 1);
	assert_true(has_ended(fd));
	close(fd);
	w->peer = (struct addr){ .kind = ADDR_UNIX };
	fd = arrive(w);
	assert_int_equal(w->over, 2);
	assert_true(has_ended(fd));
	close(fd);
	assert_int_equal(w->in, 0);
}

static void
what_is_no_header_is_closed(void **state)
{
	struct world *w = *state;
	int fd = arrive(w);

	say(w, fd, "GET", 3);
	assert_int_equal(w->over, 1);
	close(fd);
	fd = arrive(w);
	shutdown(fd, SHUT_WR);
	run(w);
	assert_int_equal(w->over, 2);
	assert_true(has_ended(fd));
	close(fd);
	assert_int_equal(w->in, 0);
}

static void
one_too_many_ends_the_one_that_waits_longest(void **state)
{
	struct world *w = *state;
	int fds[MOST + 1];

	for (size_t i = 0; i <= MOST; i++)
		fds[i] = arrive(w);
	assert_int_equal(w->over, 1);
	assert_true(has_ended(fds[0]));
	say(w, fds[MOST], LOCAL, sizeof(LOCAL) - 1);
	assert_int_equal(w->in, 1);
	arrivals_cut(w->arrivals);
	assert_int_equal(w->over, MOST);
	for (size_t i = 0; i <= MOST; i++) {
		assert_int_equal(has_ended(fds[i]), i < MOST);
		close(fds[i]);
	}
}

/* Of one address: the others keep their places. */
static void
a_flood_from_one_address_takes_no_place_of_others(void **state)
{
	struct world *w = *state;
	const char *why;
	int other = arrive(w), fds[2 * MOST];

	assert_true(addr_parse("10.0.0.8:1234", &w->peer, &why));
	for (size_t i = 0; i < 2 * MOST; i++)
		fds[i] = arrive(w);
	assert_int_equal(w->over, MOST + 1);
	assert_true(has_ended(fds[0]));
	say(w, other, LOCAL, sizeof(LOCAL) - 1);
	assert_int_equal(w->in, 1);
	assert_string_equal(w->client, "10.0.0.9:1234");
	arrivals_cut(w->arrivals);
	for (size_t i = 0; i < 2 * MOST; i++)
		close(fds[i]);
	close(other);
}

/* Its second listener has fewer places than the worker. */
static void
a_flood_of_one_listener_is_within_its_own_bound(void **state)
{
	struct world *w = *state;
	const char *why;
	int other = arrive(w), slow = arrive_by(w, 1), fds[2];

	assert_true(addr_parse("10.0.0.8:1234", &w->peer, &why));
	for (size_t i = 0; i < 2; i++)
		fds[i] = arrive_by(w, 1);
	assert_int_equal(w->over, 1);
	assert_true(has_ended(fds[0]));
	say(w, slow, LOCAL, sizeof(LOCAL) - 1);
	assert_int_equal(w->in, 1);
	close(w->fd);
	say(w, other, LOCAL, sizeof(LOCAL) - 1);
	assert_int_equal(w->in, 2);
	arrivals_cut(w->arrivals);
	assert_int_equal(w->over, 2);
	for (size_t i = 0; i < 2; i++)
		close(fds[i]);
	close(slow);
	close(other);
}

/* The limits of clients are the sessions'. */
static void
who_comes_when_a_limit_is_reached_gets_a_place_of_a_flood(void **state)
{
	struct world *w = *state;
	const char *why;
	int other = arrive(w), fds[2];

	assert_true(addr_parse("10.0.0.8:1234", &w->peer, &why));
	for (size_t i = 0; i < 2; i++)
		fds[i] = arrive(w);
	assert_true(arrivals_make_room(w->arrivals));
	assert_int_equal(w->over, 1);
	assert_true(has_ended(fds[0]));
	/* One of each is left; the one that waits longer goes first. */
	assert_true(arrivals_make_room(w->arrivals));
	assert_true(has_ended(other));
	assert_true(arrivals_make_room(w->arrivals));
	assert_true(has_ended(fds[1]));
	assert_false(arrivals_make_room(w->arrivals));
	assert_int_equal(w->over, 3);
	for (size_t i = 0; i < 2; i++)
		close(fds[i]);
	close(other);
}

static void
at_the_limit_of_a_listener_it_is_a_place_of_that_one(void **state)
{
	struct world *w = *state;
	int other = arrive(w), fd = arrive_by(w, 1);

	assert_true(arrivals_make_room_at(w->arrivals, 1));
	assert_true(has_ended(fd));
	assert_false(arrivals_make_room_at(w->arrivals, 1));
	assert_int_equal(w->over, 1);
	assert_true(arrivals_make_room_at(w->arrivals, 0));
	assert_true(has_ended(other));
	close(fd);
	close(other);
}

/* -- TLS -- */

static const char *const anywhere[] = {
	"127.0.0.1:1", "[::1]:1", "10.0.0.9:1", "192.0.2.9:1", "[2001:db8::1]:1",
	"unix:/s",
};

#define N_ANYWHERE	(sizeof(anywhere) / sizeof(anywhere[0]))

/* Plain clients: each comes and asks, and the loop runs until it is gone. */
static void
come_from_anywhere(struct world *w)
{
	for (size_t i = 0; i < N_ANYWHERE; i++) {
		const char *why;
		int fd;

		assert_true(addr_parse(anywhere[i], &w->peer, &why));
		fd = arrive(w);
		assert_int_equal(w->in, 0);
		say(w, fd, "GET / HTTP/1.1\r\n\r\n", 18);
		assert_int_equal(w->in, 0);
		assert_int_equal(w->over, i + 1);
		close(fd);
	}
}

static void
nobody_comes_in_without_the_handshake_of_a_listener(void **state)
{
	struct world *w = *state;
	struct cert root, server;
	struct text key;
	char why[256];

	cert_make_root(&root, "root");
	cert_make_server(&server, &root, "DNS:sallyport.test", -60, 3600);
	key = cert_key_text(&server, NULL);
	w->listeners[0].n_from_proxies = 0;
	w->listeners[0].tls = (struct conf_listener_tls){
		.certificate = cert_text(&server),
		.certificate_key = secret_copy(key.p, key.n),
	};
	w->env->tls = tls_servers_new(&w->conf, why, sizeof(why));
	assert_non_null(w->env->tls);
	assert_true(arrivals_wants(w->arrivals, 0));
	come_from_anywhere(w);
	tls_servers_free(w->env->tls);
	w->env->tls = NULL;
	cert_text_free(w->listeners[0].tls.certificate);
	cert_text_free(key);
	secret_free(w->listeners[0].tls.certificate_key);
	cert_free(&root);
	cert_free(&server);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    who_is_named_comes_in_and_nothing_behind_is_read,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_connection_of_the_proxy_itself_is_the_proxys,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    who_is_no_proxy_is_not_even_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    what_is_no_header_is_closed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    one_too_many_ends_the_one_that_waits_longest,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_flood_from_one_address_takes_no_place_of_others,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_flood_of_one_listener_is_within_its_own_bound,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    who_comes_when_a_limit_is_reached_gets_a_place_of_a_flood,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    at_the_limit_of_a_listener_it_is_a_place_of_that_one,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    nobody_comes_in_without_the_handshake_of_a_listener,
		    set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
