/*
 * Letting clients in; see doors.h.
 *
 * A door is open, or its worker stands aside there (`away` until the bell
 * rings or a moment has passed), or the worker is full.  Full, it is shut,
 * but for the worker that finds all others full too: that one watches on, to
 * turn clients away.  Each makes known that it is full before it looks at the
 * others, so not all of them shut.
 */
#include "daemon/doors.h"

#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "client/turn_away.h"
#include "net/listener.h"
#include "net/timer.h"

/* How long a worker stands aside for one that may be too busy. */
#define AWAY_MS		10

/* Clients that it takes then: one, and twice as many each further time. */
#define CREDIT_MOST	256

/* Until it is said again that a listener is full. */
#define FULL_AGAIN_NS	(60 * NS_PER_S)

struct door {
	struct doors *all;
	struct share_place place;
	struct listener *listener;
	struct timer back;		/* set: it is away */
	struct deferred look;		/* what to do with who comes, full */
	bool looked;			/* once in this turn */
	bool full;
	unsigned credit;		/* to be taken without standing aside */
	unsigned next_credit;
	int64_t warned_ns;		/* that it is full; 0: never */
};

struct doors {
	struct doors_conf conf;
	struct loop *loop;
	struct turn_away *turn_away;
	struct event *bell;
	struct door *list;
	size_t n;
};

static void
wake(const struct door *d, size_t worker, enum share_state its)
{
	if (its == SHARE_AWAY)
		bells_ring(d->all->conf.bells, worker);
}

/* -- standing aside -- */

static bool
is_away(const struct door *d)
{
	return timer_is_set(&d->back);
}

static void
come_back(struct door *d)
{
	timer_clear(&d->back);
	share_set(&d->place, SHARE_WAITS);
	listener_pause(d->listener, false);
}

static void
be_patient(struct door *d)
{
	d->credit = 0;
	d->next_credit = 1;
}

/* Where somebody waits still, the one that should have taken it may hang. */
static void
on_back(void *owner)
{
	struct door *d = owner;

	come_back(d);
	if (!listener_take(d->listener)) {
		be_patient(d);
		return;
	}
	d->credit = d->next_credit;
	if (d->next_credit < CREDIT_MOST)
		d->next_credit *= 2;
}

/*
 * What the other had is looked at again when it can see that this one is
 * away: it might have become the one that is ahead, and ring for nobody.
 */
static bool
goes_away(struct door *d, int64_t now)
{
	enum share_state its;
	size_t other;

	share_set(&d->place, SHARE_AWAY);
	if (!share_is_ahead(&d->place, now, &other, &its)) {
		share_set(&d->place, SHARE_WAITS);
		return false;
	}
	listener_pause(d->listener, true);
	timer_set(&d->back, AWAY_MS);
	wake(d, other, its);
	return true;
}

static bool
stands_aside(struct door *d)
{
	int64_t now = loop_now(d->all->loop);
	enum share_state its;
	size_t other;

	if (!share_is_ahead(&d->place, now, &other, &its)) {
		be_patient(d);
		return false;
	}
	if (d->credit != 0) {
		d->credit--;
		return false;
	}
	return goes_away(d, now);
}

/* -- full -- */

/* Said once in a while: at the limit, each client that leaves lets one in. */
static void
warn_full(struct door *d)
{
	size_t i = d->place.listener;
	int64_t now = loop_now(d->all->loop);

	if (d->warned_ns != 0 && now - d->warned_ns < FULL_AGAIN_NS)
		return;
	d->warned_ns = now;
	log_warn("listener %s: %s: new ones are turned away",
	    d->all->conf.env->conf->listeners[i].name,
	    sessions_limit(d->all->conf.sessions, i));
}

/*
 * Somebody wants in.  Who left in this turn has made room when it ends, which
 * is after what is put off to its end now.
 */
static void
look(void *owner)
{
	struct door *d = owner;
	struct doors *all = d->all;
	enum share_state its;
	size_t other;

	if (d->full && !d->looked) {
		d->looked = true;
		deferred_queue(all->loop, &d->look);
		return;
	}
	d->looked = false;
	if (!d->full)
		return;
	if (share_has_other(&d->place, &other, &its)) {
		listener_pause(d->listener, true);
		wake(d, other, its);
	} else if (turn_away_is_full(all->turn_away)) {
		listener_pause(d->listener, true);
	} else {
		listener_take(d->listener);
	}
}

static void
on_room_to_turn_away(void *owner)
{
	doors_look(owner);
}

/* -- the listener's questions -- */

static bool
wants(void *owner)
{
	struct door *d = owner;

	if (!d->full)
		return !stands_aside(d);
	deferred_queue(d->all->loop, &d->look);
	return false;
}

static void
on_accept(void *owner, int fd, const struct client_info *info)
{
	struct door *d = owner;
	struct doors *all = d->all;
	size_t i = d->place.listener;

	if (d->full) {
		warn_full(d);
		turn_away(all->turn_away, fd,
		    sessions_limit(all->conf.sessions, i));
		return;
	}
	share_note(&d->place, loop_now(all->loop));
	sessions_accept(all->conf.sessions, i, fd, info);
}

static void
on_bell(evutil_socket_t fd, short what, void *owner)
{
	struct doors *all = owner;

	(void)fd;
	(void)what;
	bells_hush(all->conf.bells, all->conf.worker);
	doors_look(all);
}

/* -- for the worker -- */

void
doors_full(struct doors *all, size_t listener, bool full)
{
	struct door *d = &all->list[listener];

	d->full = full;
	timer_clear(&d->back);
	share_set(&d->place, full ? SHARE_NONE : SHARE_WAITS);
	/* Full, it finds out when somebody comes what is to be done. */
	listener_pause(d->listener, false);
}

void
doors_look(struct doors *all)
{
	for (size_t i = 0; i < all->n; i++) {
		struct door *d = &all->list[i];

		if (d->full)
			listener_pause(d->listener, false);
		else if (is_away(d))
			come_back(d);
	}
}

static void
open_door(struct doors *all, size_t i)
{
	struct door *d = &all->list[i];

	d->all = all;
	d->place = (struct share_place){
		.share = all->conf.share,
		.worker = all->conf.worker,
		.listener = i,
	};
	be_patient(d);
	timer_init(&d->back, all->loop, on_back, d);
	deferred_init(&d->look, LOOP_LATE, look, d);
	d->listener = listener_new(all->loop, all->conf.listeners[i],
	    on_accept, d);
	listener_ask(d->listener, wants);
	share_set(&d->place, SHARE_WAITS);
}

struct doors *
doors_new(const struct doors_conf *conf)
{
	struct doors *all = xcalloc(1, sizeof(*all));

	all->conf = *conf;
	all->loop = conf->env->loop;
	all->turn_away = turn_away_new(conf->env, on_room_to_turn_away, all);
	turn_away_limit(all->turn_away, conf->turned_away);
	all->bell = event_new(loop_base(all->loop),
	    conf->bells->fds[conf->worker], EV_READ | EV_PERSIST, on_bell,
	    all);
	event_add(all->bell, NULL);
	all->n = conf->env->conf->n_listeners;
	all->list = xcalloc(all->n, sizeof(*all->list));
	for (size_t i = 0; i < all->n; i++)
		open_door(all, i);
	return all;
}

/* A socket is closed when the last process has closed it. */
static void
close_door(struct door *d)
{
	share_set(&d->place, SHARE_NONE);
	deferred_cancel(&d->look);
	timer_end(&d->back);
	listener_free(d->listener);
	close(d->all->conf.listeners[d->place.listener]);
}

void
doors_free(struct doors *all)
{
	if (all == NULL)
		return;
	for (size_t i = 0; i < all->n; i++)
		close_door(&all->list[i]);
	turn_away_free(all->turn_away);
	event_free(all->bell);
	free(all->list);
	free(all);
}
