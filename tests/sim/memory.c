/*
 * A network that a test drives by hand; see memory.h.
 */
#include "memory.h"

#include "base/clock.h"
#include "clock.h"
#include "dial.h"
#include "fate.h"
#include "link.h"
#include "socket.h"

static struct loop *loop;
static bool comes_with_bytes;		/* of the next connection */

/* -- nothing is left to chance: everything comes whole, and at once -- */

int64_t
fate_delay(void)
{
	return 0;
}

size_t
fate_piece(size_t n)
{
	return n;
}

bool
fate_overtakes(void)
{
	return true;
}

size_t
fate_arrives(size_t n)
{
	return n;
}

static void
keep(struct wire *w)
{
	w->in_most = w->out_most = SIZE_MAX;
	w->kept = w->reads = true;
}

void
fate_connects(struct wire *w)
{
	keep(w);
	w->unnoticed = comes_with_bytes;
}

bool
fate_is_under_way(void)
{
	return false;
}

void
fate_accepts(struct wire *w)
{
	(void)w;
}

void
fate_serves(const struct wire *w)
{
	(void)w;
}

void
fate_shuts_out(const struct wire *w)
{
	(void)w;
}

void
fate_writes(const struct wire *w, bool news, struct text t)
{
	(void)w;
	(void)news;
	(void)t;
}

void
fate_closes(const struct wire *w, enum link_end how)
{
	(void)w;
	(void)how;
}

struct event_base *
fate_owns(struct event_base *base)
{
	return base;
}

void
fate_refuses(size_t n)
{
	(void)n;
}

void
fate_passes(int64_t at)
{
	(void)at;
}

/* -- wires -- */

struct wire *
memory_wires(void)
{
	return wires();
}

struct wire *
memory_client(int *fd)
{
	struct wire *w = wire_new(false);

	keep(w);
	*fd = socket_fd(w);
	return w;
}

static bool
listens(const struct wire *w)
{
	return w->link != NULL && link_listens(w->link);
}

bool
memory_feed(struct wire *w, const void *p, size_t n)
{
	if (n == 0 || !listens(w))
		return false;
	(void)wire_write(w, p, n);
	memory_turn();
	return true;
}

bool
memory_eof(struct wire *w, bool clean)
{
	if (!listens(w))
		return false;
	wire_finish(w, clean ? WIRE_CLEAN : WIRE_CUT);
	memory_turn();
	return true;
}

void
memory_fail(struct wire *w)
{
	wire_close(w, WIRE_RESET);
	memory_turn();
}

void
memory_set_room(struct wire *w, size_t n)
{
	w->out_most = n;
	if (w->link != NULL)
		link_has_room(w->link);
	memory_turn();
}

/* -- dials -- */

bool
memory_connect(bool verified)
{
	return memory_dial(verified ? DIAL_OK : DIAL_TLS);
}

bool
memory_dial(enum dial_result result)
{
	struct dial *d = dials_oldest();

	if (d == NULL)
		return false;
	dial_end_in(d, result, 0);
	memory_turn();
	return true;
}

bool
memory_connect_with_bytes(void)
{
	bool any;

	comes_with_bytes = true;
	any = memory_connect(true);
	comes_with_bytes = false;
	return any;
}

/* -- time -- */

static void
run_until(int64_t at)
{
	clock_stop_at(at);
	loop_run(loop);
	clock_pass_to(at);
}

bool
memory_fire(void)
{
	int64_t at = clock_next_event();

	if (at == INT64_MAX)
		return false;
	run_until(at > clock_now() ? at : clock_now());
	return true;
}

void
memory_pass(int64_t ms)
{
	run_until(clock_now() + ms * NS_PER_MS);
}

void
memory_sleep(int64_t ms)
{
	clock_sleep(ms * NS_PER_MS);
	memory_turn();
}

void
memory_turn(void)
{
	run_until(clock_now());
}

/* -- begin and end -- */

void
memory_start(struct loop *l)
{
	loop = l;
	clock_begin();
	wires_begin();
	sockets_begin();
	dials_begin();
}

void
memory_end(void)
{
	wires_end();
	clock_end();
}
