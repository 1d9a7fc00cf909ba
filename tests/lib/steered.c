/*
 * The program, for tests that steer it: what it takes for the time of the day
 * is ahead of the system's by as many seconds as the first eight bytes of the
 * file $STEERED_CLOCK say; and its parent follows orders about keys, "VERB
 * NAME", that come as datagrams to the socket $STEERED_ORDERS, and answers
 * "+TEXT" or "-TEXT".  It follows one in each turn of its loop: what it does in
 * a turn is done when the next order is answered.  That the clock was set is
 * told through the pipe $STEERED_STEPS, by eight bytes.  Workers whose numbers
 * the file $STEERED_DEAF has, eight bytes each, take no message of the parent.
 */
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/clock_watch.h"
#include "daemon/control_channel.h"
#include "keys/key_keeper.h"

/* How often it looks for orders. */
#define LOOK_NS		(2 * NS_PER_MS)

/* How many may be deaf. */
#define DEAF		8

int64_t	__real_clock_wall(void);
int64_t	__wrap_clock_wall(void);
int64_t	__real_key_keeper_step(struct key_keeper *, int64_t);
int64_t	__wrap_key_keeper_step(struct key_keeper *, int64_t);
void	__real_clock_watch_open(struct clock_watch *);
void	__wrap_clock_watch_open(struct clock_watch *);
enum control_result	__real_control_receive(int, struct control_message *);
enum control_result	__wrap_control_receive(int, struct control_message *);

static const volatile int64_t *ahead;
static int orders = -1;

/* The first bytes of the file that a variable names; NULL: there is none. */
static const void *
map_of(const char *variable, size_t size)
{
	const char *path = getenv(variable);
	int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *p = MAP_FAILED;

	if (fd != -1) {
		p = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
		close(fd);
	}
	return p != MAP_FAILED ? p : NULL;
}

/* All processes inherit it. */
static void __attribute__((constructor))
map_clock(void)
{
	ahead = map_of("STEERED_CLOCK", sizeof(*ahead));
}

int64_t
__wrap_clock_wall(void)
{
	return __real_clock_wall() + (ahead != NULL ? *ahead * NS_PER_S : 0);
}

void
__wrap_clock_watch_open(struct clock_watch *w)
{
	const char *path = getenv("STEERED_STEPS");

	if (path == NULL) {
		__real_clock_watch_open(w);
		return;
	}
	w->fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (w->fd == -1)
		abort();
}

static void
listen_for_orders(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	const char *path = getenv("STEERED_ORDERS");

	if (orders != -1 || path == NULL)
		return;
	(void)snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	orders = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (bind(orders, (const struct sockaddr *)&a, sizeof(a)) != 0)
		abort();
}

static void
follow(struct key_keeper *k, char *words, char answer[KEY_ORDER_TEXT + 1])
{
	struct key_order_result result = { .number = 0 };
	char *name = strchr(words, ' ');
	enum key_order order;
	bool done = false;

	if (name == NULL)
		abort();
	*name++ = '\0';
	if (key_order_parse(words, &order))
		done = key_keeper_order(k, order, name, 4321, &result);
	answer[0] = done ? '+' : '-';
	memcpy(&answer[1], result.text, sizeof(result.text));
}

int64_t
__wrap_key_keeper_step(struct key_keeper *k, int64_t now)
{
	char words[256], answer[KEY_ORDER_TEXT + 1];
	struct sockaddr_un from;
	socklen_t size = sizeof(from);
	ssize_t n;

	listen_for_orders();
	if (orders != -1 && (n = recvfrom(orders, words, sizeof(words) - 1,
	    0, (struct sockaddr *)&from, &size)) > 0) {
		words[n] = '\0';
		memset(answer, 0, sizeof(answer));
		follow(k, words, answer);
		(void)sendto(orders, answer, strlen(answer), 0,
		    (const struct sockaddr *)&from, size);
	}
	now = __real_key_keeper_step(k, now);
	return orders != -1 ? clock_earlier(now, clock_monotonic() + LOOK_NS) :
	    now;
}

/* -- what a worker does not hear -- */

static const volatile int64_t *deaf;

/* All processes inherit it, too. */
static void __attribute__((constructor))
map_deaf(void)
{
	deaf = map_of("STEERED_DEAF", DEAF * sizeof(*deaf));
}

static bool
is_deaf(void)
{
	for (unsigned i = 0; deaf != NULL && i < DEAF; i++) {
		if (deaf[i] == getpid())
			return true;
	}
	return false;
}

/* A little slowly, as it is asked again and again. */
enum control_result
__wrap_control_receive(int control, struct control_message *m)
{
	if (!is_deaf())
		return __real_control_receive(control, m);
	(void)poll(NULL, 0, 1);
	return CONTROL_NOTHING;
}
