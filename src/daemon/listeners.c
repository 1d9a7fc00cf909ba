/*
 * Letting clients in; see listeners.h.
 *
 * A listener is open, or its worker stands aside there (`away` until it is
 * woken or a moment has passed), or the worker is full.  A full worker shuts
 * it, unless all other workers are full too: then it keeps watching, to make
 * room for clients, or to turn them away where none of the others would make
 * any.  Each worker makes known that it is full, or that it makes no room,
 * before it looks at the others, so not all of them shut it.
 */
#include "daemon/listeners.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "client/tls_servers.h"
#include "client/turn_away.h"
#include "net/listener.h"
#include "net/timer.h"
#include "stats/letting_in.h"

/* How long a worker stands aside for one that may be too busy to accept. */
#define AWAY_MS		10

/*
 * How many clients it takes after that at most: one the first time, and twice
 * as many each further time.
 */
#define CREDIT_MOST	256

/* Who come in one turn and get the places of those who stall, at most. */
#define PLACES_MOST	16

/* The time between two warnings that a listener is full. */
#define FULL_AGAIN_NS	(60 * NS_PER_S)

/* In which the last handshake of a socket that goes is over. */
#define LAST_MS		10

struct worker_listener {
	struct listeners *all;
	struct balance_place place;
	struct listener *socket;
	struct timer back;		/* set while it is away */
	struct deferred look;		/* decides about clients that come
					   while it is full */
	struct deferred let_in;		/* takes one for whom room was made */
	unsigned places;		/* that were made in this turn */
	bool looked;			/* look was put off once in this turn */
	bool full;
	bool emptied;			/* before it is closed */
	unsigned credit;		/* clients to be taken without
					   standing aside */
	unsigned next_credit;
	/* When it was last said to be full, for each of the two; 0: never. */
	int64_t turned_away_ns, made_room_ns;
};

struct listeners {
	struct listeners_conf conf;
	struct loop *loop;
	struct turn_away *turn_away;
	struct event *wakeup;
	struct worker_listener *list;
	size_t n;
};

static void
wake(const struct worker_listener *l, size_t worker, enum balance_state its)
{
	if (its == BALANCE_AWAY)
		wakeups_send(l->all->conf.wakeups, worker);
}

/*
 * A later generation lets clients in, and this worker is about to be told: the
 * clients that wait are theirs, or its own, where it is to empty the socket.
 */
static bool
leaves_them(struct worker_listener *l)
{
	if (!stats_is_followed(l->all->conf.env->stats))
		return false;
	listener_pause(l->socket, true);
	return true;
}

/* -- standing aside -- */

static bool
is_away(const struct worker_listener *l)
{
	return timer_is_set(&l->back);
}

static void
come_back(struct worker_listener *l)
{
	timer_clear(&l->back);
	balance_set(&l->place, BALANCE_WAITS);
	listener_pause(l->socket, false);
}

static void
be_patient(struct worker_listener *l)
{
	l->credit = 0;
	l->next_credit = 1;
}

/*
 * If a client is still waiting, the worker that should have taken it may hang.
 */
static void
listeners_on_back(void *owner)
{
	struct worker_listener *l = owner;

	come_back(l);
	if (leaves_them(l))
		return;
	if (!listener_take(l->socket)) {
		be_patient(l);
		return;
	}
	l->credit = l->next_credit;
	if (l->next_credit < CREDIT_MOST)
		l->next_credit *= 2;
}

/*
 * Looks a second time, now that the other one can see that this one is away: it
 * might have gone ahead of this one meanwhile, and it would wake nobody.
 */
static bool
goes_away(struct worker_listener *l, int64_t now)
{
	enum balance_state its;
	size_t other;

	balance_set(&l->place, BALANCE_AWAY);
	if (!balance_is_ahead(&l->place, now, &other, &its)) {
		balance_set(&l->place, BALANCE_WAITS);
		return false;
	}
	listener_pause(l->socket, true);
	timer_set(&l->back, AWAY_MS);
	wake(l, other, its);
	return true;
}

static bool
stands_aside(struct worker_listener *l)
{
	int64_t now = loop_now(l->all->loop);
	enum balance_state its;
	size_t other;

	if (!balance_is_ahead(&l->place, now, &other, &its)) {
		be_patient(l);
		return false;
	}
	if (l->credit != 0) {
		l->credit--;
		return false;
	}
	return goes_away(l, now);
}

/* -- full -- */

/* A warning now and then: at the limit, each client that leaves lets one in. */
static void
warn_full(struct worker_listener *l, int64_t *warned_ns, const char *what)
{
	size_t i = l->place.listener;
	int64_t now = loop_now(l->all->loop);

	if (*warned_ns != 0 && now - *warned_ns < FULL_AGAIN_NS)
		return;
	*warned_ns = now;
	log_warn("listener %s: %s: %s",
	    l->all->conf.env->conf->listeners[i].name,
	    sessions_limit(l->all->conf.sessions, i), what);
}

/*
 * Who waits is let in when there is room, after this turn; it may be that
 * nobody does.
 */
static bool
makes_room(struct worker_listener *l)
{
	const struct listeners_conf *conf = &l->all->conf;

	if (conf->make_room == NULL)
		return false;
	if (!listener_waits(l->socket, 0))
		return true;
	if (!conf->make_room(conf->sessions, l->place.listener))
		return false;
	warn_full(l, &l->made_room_ns,
	    "those who stall longest make room for new ones");
	return true;
}

/*
 * Nobody here would make room, nor will until it is full anew.  The other may
 * have shut its socket while there was room elsewhere.
 */
static bool
leaves_it_to_the_next(struct worker_listener *l)
{
	size_t other;

	balance_set(&l->place, BALANCE_NONE);
	if (!balance_has_full(&l->place, &other))
		return false;
	listener_pause(l->socket, true);
	wakeups_send(l->all->conf.wakeups, other);
	return true;
}

static void
turn_away_one(struct worker_listener *l)
{
	if (turn_away_is_full(l->all->turn_away))
		listener_pause(l->socket, true);
	else
		listener_take(l->socket);
}

/*
 * A client wants in.  Clients that left in this turn have made room at its end,
 * but only after what is deferred now: so this is deferred a second time.
 */
static void
look(void *owner)
{
	struct worker_listener *l = owner;
	struct listeners *all = l->all;
	enum balance_state its;
	size_t other;

	if (l->full && !l->looked) {
		l->looked = true;
		deferred_queue(all->loop, &l->look);
		return;
	}
	l->looked = false;
	if (!l->full || leaves_them(l))
		return;
	if (balance_has_other(&l->place, &other, &its)) {
		listener_pause(l->socket, true);
		wake(l, other, its);
	} else if (makes_room(l)) {
		if (l->places++ < PLACES_MOST)
			deferred_queue(all->loop, &l->let_in);
	} else if (!leaves_it_to_the_next(l)) {
		turn_away_one(l);
	}
}

/* After the one who stalled has gone; then others may wait, too. */
static void
let_in(void *owner)
{
	struct worker_listener *l = owner;

	if (!l->full && listener_take(l->socket) && l->full)
		deferred_queue(l->all->loop, &l->look);
}

static void
listeners_on_room_to_turn_away(void *owner)
{
	listeners_look(owner);
}

/* -- calls from the listening socket -- */

static bool
wants(void *owner)
{
	struct worker_listener *l = owner;

	if (leaves_them(l))
		return false;
	if (!l->full)
		return !stands_aside(l);
	l->places = 0;
	deferred_queue(l->all->loop, &l->look);
	return false;
}

static void
listeners_on_accept(void *owner, int fd, const struct client_info *info)
{
	struct worker_listener *l = owner;
	struct listeners *all = l->all;
	size_t i = l->place.listener;

	if (l->full) {
		warn_full(l, &l->turned_away_ns, "new ones are turned away");
		turn_away(all->turn_away, fd,
		    tls_servers_of(all->conf.env->tls, i) != NULL,
		    sessions_limit(all->conf.sessions, i));
		return;
	}
	balance_note(&l->place, loop_now(all->loop));
	sessions_accept(all->conf.sessions, i, fd, info);
}

static void
listeners_on_wakeup(evutil_socket_t fd, short what, void *owner)
{
	struct listeners *all = owner;

	(void)fd;
	(void)what;
	wakeups_take(all->conf.wakeups, all->conf.worker);
	listeners_look(all);
}

/* -- for the worker -- */

void
listeners_full(struct listeners *all, size_t listener, bool full)
{
	struct worker_listener *l = &all->list[listener];

	/* It is closed already, and another one is being emptied. */
	if (l->socket == NULL)
		return;
	l->full = full;
	timer_clear(&l->back);
	balance_set(&l->place, !full ? BALANCE_WAITS :
	    all->conf.make_room != NULL ? BALANCE_FULL : BALANCE_NONE);
	/* When it is full, it decides what to do when the next client comes. */
	listener_pause(l->socket, false);
}

void
listeners_look(struct listeners *all)
{
	for (size_t i = 0; i < all->n; i++) {
		struct worker_listener *l = &all->list[i];

		if (l->full)
			listener_pause(l->socket, false);
		else if (is_away(l))
			come_back(l);
	}
}

static void
open_one(struct listeners *all, size_t i)
{
	struct worker_listener *l = &all->list[i];

	l->all = all;
	l->place = (struct balance_place){
		.balance = all->conf.balance,
		.worker = all->conf.worker,
		.listener = i,
	};
	be_patient(l);
	timer_init(&l->back, all->loop, listeners_on_back, l);
	deferred_init(&l->look, LOOP_LATE, look, l);
	deferred_init(&l->let_in, LOOP_LATE, let_in, l);
	l->socket = listener_new(all->loop, all->conf.fds[i],
	    listeners_on_accept, l);
	listener_ask(l->socket, wants);
	balance_set(&l->place, BALANCE_WAITS);
}

struct listeners *
listeners_new(const struct listeners_conf *conf)
{
	struct listeners *all = xcalloc(1, sizeof(*all));

	all->conf = *conf;
	all->loop = conf->env->loop;
	all->turn_away = turn_away_new(conf->env,
	    listeners_on_room_to_turn_away, all);
	turn_away_limit(all->turn_away, conf->turned_away);
	all->wakeup = event_new(loop_base(all->loop),
	    conf->wakeups->fds[conf->worker], EV_READ | EV_PERSIST,
	    listeners_on_wakeup, all);
	event_add(all->wakeup, NULL);
	all->n = conf->env->conf->n_listeners;
	all->list = xcalloc(all->n, sizeof(*all->list));
	for (size_t i = 0; i < all->n; i++)
		open_one(all, i);
	return all;
}

void
listeners_empty(struct listeners *all, size_t listener)
{
	all->list[listener].emptied = true;
}

static bool
take_last(struct worker_listener *l)
{
	if (l->full)
		(void)makes_room(l);
	return listener_take(l->socket);
}

/*
 * Nobody begins to connect any more (listener_shut()), but the last segment of
 * a handshake may be under way yet, in the kernel; its client believes to be
 * connected, and may have sent a request.  So the socket stays for a moment
 * after the last one; no more of them than the kernel holds.
 */
static void
take_all(struct worker_listener *l)
{
	unsigned n = 0;

	/* One that cannot be taken for lack of descriptors waits for ever. */
	while (n < SOMAXCONN && (take_last(l) ||
	    (listener_waits(l->socket, LAST_MS) && take_last(l))))
		n++;
}

/* A socket is closed when the last process has closed it. */
static void
close_one(struct worker_listener *l)
{
	if (l->emptied)
		take_all(l);
	balance_set(&l->place, BALANCE_NONE);
	deferred_cancel(&l->look);
	deferred_cancel(&l->let_in);
	timer_end(&l->back);
	listener_free(l->socket);
	l->socket = NULL;
	close(l->all->conf.fds[l->place.listener]);
}

void
listeners_free(struct listeners *all)
{
	if (all == NULL)
		return;
	for (size_t i = 0; i < all->n; i++)
		close_one(&all->list[i]);
	turn_away_free(all->turn_away);
	event_free(all->wakeup);
	free(all->list);
	free(all);
}
