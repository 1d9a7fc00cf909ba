#include "turns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"

#define LIMIT	(30 * NS_PER_S)
#define TURNS_MOST	50

struct until {
	struct loop *loop;
	bool (*fn)(void *);
	void *arg;
	int64_t end;
	unsigned ticks;		/* that must have come by then */
	bool held;
};

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct until *u = arg;

	(void)fd;
	(void)what;
	if (u->ticks > 0)
		u->ticks--;
	u->held = u->fn(u->arg);
	if (u->held || (clock_monotonic() > u->end && u->ticks == 0))
		loop_stop(u->loop);
}

static bool
turn_until(struct loop *l, bool (*fn)(void *), void *arg, int64_t ns,
    unsigned ticks)
{
	struct until u = { .loop = l, .fn = fn, .arg = arg,
	    .end = clock_monotonic() + ns, .ticks = ticks };
	struct timeval tick = { .tv_usec = 1000 };
	struct event *e = event_new(loop_base(l), -1, EV_PERSIST, on_tick,
	    &u);

	event_add(e, &tick);
	loop_run(l);
	event_free(e);
	return u.held;
}

void
run_until_fn(struct loop *l, bool (*fn)(void *), void *arg)
{
	if (!turn_until(l, fn, arg, LIMIT, 0))
		fail_msg("waited too long");
}

static bool
is_true(void *arg)
{
	return *(const bool *)arg;
}

void
run_until(struct loop *l, const bool *what)
{
	union { const bool *in; void *out; } u = { .in = what };

	run_until_fn(l, is_true, u.out);
}

static bool
never(void *arg)
{
	(void)arg;
	return false;
}

void
run_for(struct loop *l, int ms)
{
	turn_until(l, never, NULL, ms * NS_PER_MS,
	    ms < TURNS_MOST ? (unsigned)ms : TURNS_MOST);
}

void
make_pair(int fds[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    fds), 0);
}

void
make_tcp_pair(int fds[2])
{
	struct sockaddr_in a = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int l = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(l, (struct sockaddr *)&a, len), 0);
	assert_int_equal(listen(l, 1), 0);
	assert_int_equal(getsockname(l, (struct sockaddr *)&a, &len), 0);
	fds[0] = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(fds[0], (struct sockaddr *)&a, len), 0);
	fds[1] = accept(l, NULL, NULL);
	assert_int_not_equal(fds[1], -1);
	close(l);
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	fcntl(fds[1], F_SETFL, O_NONBLOCK);
}
