/*
 * Clients; see client.h.
 */
#include "client_own.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "clock.h"
#include "dice.h"
#include "history.h"
#include "message.h"
#include "oracle.h"
#include "socket.h"
#include "wire.h"

#define FIRST_PORT	20000
#define FIRST_USER	1000

static struct client *all;

struct client *
clients(void)
{
	return all;
}

/* -- reading -- */

static struct request *
heard_of(const struct client *c)
{
	return c->hearing < c->n ? c->requests[c->hearing] : NULL;
}

static void
expect_next(struct client *c)
{
	const struct request *r = heard_of(c);

	c->reader.bodiless = r != NULL && r->head_only;
}

static void
on_head(void *owner, const struct message *m)
{
	struct client *c = owner;
	struct request *r = heard_of(c);

	must(r != NULL, "client %lu: an answer to nothing", c->number);
	if (m->status < 200) {
		c->told_to_go_on |= m->status == 100;
		return;
	}
	oracle_on_answer_head(r, m);
}

static void
on_body(void *owner, struct text t)
{
	struct client *c = owner;

	oracle_on_answer_body(heard_of(c), t);
}

static void
on_end(void *owner)
{
	struct client *c = owner;

	oracle_on_answer_end(heard_of(c));
	c->hearing++;
	c->answered_ns = clock_now();
	c->told_to_go_on = false;
	expect_next(c);
}

static const struct message_events events = { on_head, on_body, on_end };

/* -- acting -- */

static void
leave(struct client *c, enum wire_end how)
{
	history("client %lu leaves", c->number);
	c->left = true;
	c->over = true;
	errand_clear(&c->act);
	errand_clear(&c->go);
	wire_close(c->wire, how);
}

static void
hear(struct client *c)
{
	struct text t;

	if (c->stopped || wire_readable(c->wire) == 0)
		return;
	t = wire_read(c->wire, 1 + dice(c->gulp));
	c->heard += t.n;
	oracle_on_heard(c->wire, t);
	/* It was not served, so the answer is no answer to a HEAD. */
	if (!c->wire->served)
		c->reader.bodiless = false;
	if (!client_hears_an_alert(c))
		message_feed(&c->reader, t);
	must(c->reader.bad == NULL, "client %lu: what it got is not valid: %s",
	    c->number, c->reader.bad);
	if (c->heard >= c->stops_after) {
		history("client %lu reads no more", c->number);
		c->stopped = true;
	}
	if (c->heard >= c->leaves_after)
		leave(c, c->leaves_how);
}

static void
hear_end(struct client *c)
{
	/* A client that reads no more notices a reset when it writes. */
	enum wire_end end = c->stopped && c->wire->our_end == WIRE_RESET ?
	    WIRE_RESET : wire_end(c->wire);
	bool whole;

	if (end == WIRE_OPEN)
		return;
	whole = message_ends(&c->reader, end == WIRE_CLEAN);
	history("client %lu: the connection ended%s%s", c->number,
	    end == WIRE_CLEAN ? "" : " by a reset",
	    whole ? "" : ", an answer was cut");
	c->over = true;
	errand_clear(&c->act);
	errand_clear(&c->go);
	wire_close(c->wire, WIRE_CLEAN);
}

/* How much of the request it may send now. */
static size_t
say_up_to(const struct client *c, const struct request *r)
{
	size_t end = buf_len(&r->bytes);

	if (r->given_up_at < end)
		end = r->given_up_at;
	if (r->pause_at < end && r->pause_at >= r->written &&
	    (c->pauses_until == 0 || clock_now() < c->pauses_until))
		end = r->pause_at;
	if (r->expects && !c->goes_ahead && end > r->head_n &&
	    !(c->told_to_go_on && c->hearing == c->saying))
		end = r->head_n;
	return end;
}

static void
pause(struct client *c, const struct request *r)
{
	if (r->written != r->pause_at || c->pauses_until != 0)
		return;
	c->pauses_until = clock_now() + r->pause_ns;
}

/* Whether its head is sent byte by byte, once its method is complete. */
static bool
trickles(const struct request *r)
{
	return r->trickles && r->written > 10 && r->written < r->head_n;
}

/* How much of its header it may say. */
static size_t
header_up_to(const struct client *c)
{
	size_t n = buf_len(&c->way.header);

	return c->way.stops_at < n ? c->way.stops_at : n;
}

static void
say_header(struct client *c)
{
	size_t n = header_up_to(c) - c->said;

	if (n > 1 && dice_one_in(2))
		n = 1 + dice(n);
	if (n != 0)
		c->said += wire_write(c->wire, buf_data(&c->way.header) +
		    c->said, n);
	if (c->said == c->way.stops_at && c->way.leaves)
		leave(c, c->leaves_how);
}

static bool
is_quiet(const struct client *c)
{
	return clock_now() < c->quiet_until;
}

static void
say(struct client *c)
{
	struct request *r;
	size_t end, n;

	if (is_quiet(c) || c->saying >= c->n ||
	    c->saying - c->hearing >= c->depth)
		return;
	r = c->requests[c->saying];
	end = say_up_to(c, r);
	if (end > r->written) {
		n = 1 + dice(end - r->written);
		if (r->written == 0) {
			r->began_at = c->wire->written;
			r->began_ns = clock_now();
		}
		if (dice_one_in(2))
			n = end - r->written;
		if (trickles(r))
			n = 1;
		n = wire_write(c->wire, buf_data(&r->bytes) + r->written, n);
		r->written += n;
		history("request %u: %zu bytes, %zu so far", r->number, n,
		    r->written);
	}
	pause(c, r);
	if (r->written < buf_len(&r->bytes))
		return;
	c->saying++;
	c->pauses_until = 0;
}

/* Closes if there is nothing left to be sent, and maybe to be read. */
static void
finish(struct client *c)
{
	if (c->saying < c->n && (c->manner != HALF_CLOSES ||
	    c->requests[c->saying]->written <
	    c->requests[c->saying]->given_up_at))
		return;
	if (c->manner == HALF_CLOSES)
		wire_finish(c->wire, WIRE_CLEAN);
	else if (c->manner == CLOSES && c->hearing == c->n)
		leave(c, WIRE_CLEAN);
}

static bool
can_act_soon(const struct client *c)
{
	const struct request *r;

	if (!c->stopped && wire_readable(c->wire) != 0)
		return true;
	if (wire_end(c->wire) != WIRE_OPEN)
		return true;
	if (c->said < buf_len(&c->way.header))
		return c->said < header_up_to(c) && wire_room(c->wire) != 0;
	if (is_quiet(c) || c->saying >= c->n ||
	    c->saying - c->hearing >= c->depth)
		return false;
	r = c->requests[c->saying];
	return r->written < say_up_to(c, r) && wire_room(c->wire) != 0;
}

static int64_t
some_time(const struct client *c)
{
	if (c->saying < c->n && trickles(c->requests[c->saying]) &&
	    wire_readable(c->wire) == 0)
		return dice_between(0, 400 * NS_PER_MS);
	return dice_between(0, c->slowness);
}

static void
act(void *owner)
{
	struct client *c = owner;

	if (c->over)
		return;
	hear(c);
	if (!c->over)
		hear_end(c);
	if (!c->over && c->said < buf_len(&c->way.header))
		say_header(c);
	else if (!c->over)
		say(c);
	if (!c->over)
		finish(c);
	if (c->over)
		return;
	if (can_act_soon(c))
		errand_set(&c->act, some_time(c));
	else if (is_quiet(c))
		errand_set(&c->act, c->quiet_until - clock_now());
	else if (c->pauses_until > clock_now())
		errand_set(&c->act, c->pauses_until - clock_now());
}

/* It leaves, whatever it is doing. */
static void
go(void *owner)
{
	struct client *c = owner;

	if (!c->over)
		leave(c, c->leaves_how);
}

static void
on_wake(void *peer)
{
	struct client *c = peer;

	if (!c->over)
		errand_set(&c->act, dice_between(0, c->slowness));
}

/* -- arrival -- */

static size_t
some_room(void)
{
	static const int64_t most[] = { 65536, 8192, 700, 60 };

	return 30 + (size_t)dice_between(0, most[dice(mood()->
	    rooms_are_small)]);
}

static void
come(void *owner)
{
	struct client *c = owner;
	struct wire *w = wire_new(false);
	struct client_info info;

	way_info(&c->way, &info);
	history("client %lu comes by listener %zu, with %s, on wire %u",
	    c->number, c->way.listener, c->way.kind != NULL ? c->way.kind :
	    "requests", w->number);
	if (!socket_connect(c->way.listener, w, &info)) {
		history("client %lu: nobody listens", c->number);
		c->over = true;
		return;
	}
	w->in_most = some_room();
	w->out_most = some_room();
	w->wake = on_wake;
	w->peer = c;
	w->listener = c->way.listener;
	c->wire = w;
	c->quiet_until += clock_now();
	if (dice_one_in(mood()->clients_err * 2))
		errand_set(&c->go, dice_between(0, 10 * NS_PER_S));
	errand_set(&c->act, dice_between(0, c->slowness));
}

static void
choose_temper(struct client *c)
{
	static const int64_t slowness[] = { 0, 100000, 1000000, 100000000 };
	static const unsigned weights[] = { 4, 4, 3, 1 };

	c->depth = dice_one_in(2) ? 1 : 1 + dice(MOST_REQUESTS);
	c->gulp = dice_one_in(3) ? 1 + dice(300) : 65536;
	c->slowness = slowness[dice_weighed(weights, 4)];
	c->manner = (enum manner)dice(3);
	c->goes_ahead = dice_one_in(2);
	c->leaves_after = c->stops_after = SIZE_MAX;
	if (dice_one_in(mood()->clients_err))
		c->stops_after = dice(3000);
	/* Maybe until its certificate has ended. */
	if (c->way.certificate != NO_CERTIFICATE && dice_one_in(4))
		c->quiet_until = dice_between(0, 100 * NS_PER_S);
	c->leaves_how = dice_one_in(2) ? WIRE_RESET : WIRE_CLEAN;
	if (dice_one_in(mood()->clients_err))
		c->leaves_after = dice(3000);
}

static void
client_new(size_t i)
{
	struct client *c = xcalloc(1, sizeof(*c));
	size_t listener = !mood()->floods || dice_one_in(4) ?
	    dice(N_LISTENERS) : dice_one_in(2) ? BY_BALANCER : BY_TLS;
	bool stranger = listener == BY_UNIX && dice_one_in(10);

	c->number = i + (listener != BY_UNIX ? FIRST_PORT : stranger ?
	    STRANGERS : FIRST_USER);
	way_choose(&c->way, listener, c->number);
	choose_temper(c);
	c->n = 1 + dice(MOST_REQUESTS);
	for (size_t j = 0; j < c->n; j++)
		c->requests[j] = request_new(c, listener, stranger);
	message_begin(&c->reader, true, &events, c);
	expect_next(c);
	client_taking_begin(c);
	errand_init(&c->act, act, c);
	errand_init(&c->come, come, c);
	errand_init(&c->go, go, c);
	errand_set(&c->come, dice_between(0, dice_one_in(3) ?
	    30 * NS_PER_S : mood()->floods ? 300 * NS_PER_MS : NS_PER_S));
	c->next = all;
	all = c;
}

void
clients_begin(size_t n)
{
	all = NULL;
	for (size_t i = 0; i < n; i++)
		client_new(i);
}

void
clients_end(void)
{
	struct client *c;

	while ((c = all) != NULL) {
		all = c->next;
		errand_clear(&c->act);
		errand_clear(&c->come);
		errand_clear(&c->go);
		message_release(&c->reader);
		message_release(&c->taken);
		way_release(&c->way);
		free(c);
	}
}
