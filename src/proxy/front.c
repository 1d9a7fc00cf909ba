/*
 * Fronts; see front.h.
 *
 * A front settles after everything that happened to it: the codec goes on,
 * exchanges that are over end, the link learns what is wanted, the deadline
 * is moved.  It is closed in one place and freed at the end of the turn.
 */
#include "proxy/front.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "net/link.h"
#include "net/orphan.h"
#include "net/timer.h"
#include "proxy/exchange.h"
#include "proxy/forward.h"
#include "proxy/users.h"

/* Unused exchanges that are held back from free(). */
#define KEEP_EXCHANGES	1024

/* What a front is waiting for, and so which deadline counts. */
enum wait {
	WAIT_NOTHING,		/* the upstream's deadlines count */
	WAIT_REQUEST,		/* idle, between exchanges */
	WAIT_HEAD,		/* a head has begun */
	WAIT_BODY,		/* body bytes that may come */
	WAIT_SEND,		/* the client to read */
};

struct front {
	struct fronts *fronts;
	struct front *next, **prev;
	struct link *link;
	struct codec *codec;
	struct timer *timer;
	struct timer *watch;		/* for the client's close, or NULL */
	struct exchange *exchanges;	/* in the order of their heads */
	struct exchange_client client;
	struct principal principal;
	struct deferred settle;
	struct deferred reap;
	struct patience reading;	/* with the client's, of responses */
	uint64_t taken;			/* bytes it had read, as last seen */
	enum wait wait;
	bool progress;			/* of what is waited for */
	bool ended;			/* the client's input has ended */
	bool dead;
};

/* Who came by one listener. */
struct entrance {
	uint32_t n;
	bool is_full;			/* as told last */
};

struct fronts {
	struct env *env;
	struct users *users;
	struct front *list;
	uint32_t n, most;
	struct entrance *entrances;	/* one per listener */
	fronts_full *full;
	void *full_owner;
	void (*empty)(void *owner);
	void *empty_owner;
	struct deferred tell_empty;
};

static struct env *
env_of(const struct front *f)
{
	return f->fronts->env;
}

/* -- exchanges of a front -- */

static struct exchange *
find(const struct front *f, stream_id stream)
{
	struct exchange *x = f->exchanges;

	while (x != NULL && x->stream != stream)
		x = x->next;
	return x;
}

static struct exchange *
running(const struct front *f)
{
	struct exchange *x = f->exchanges;

	while (x != NULL && exchange_is_over(x))
		x = x->next;
	return x;
}

static struct exchange *
begin(struct front *f, stream_id stream, const struct head *head, bool end)
{
	struct exchange *x = exchange_new(&f->client, stream, head, end);
	struct exchange **last = &f->exchanges;

	patience_begin(&x->patience, env_of(f)->conf->timeouts.body);
	while (*last != NULL)
		last = &(*last)->next;
	*last = x;
	return x;
}

static void
client_ended(void *owner, struct exchange *x)
{
	struct front *f = owner;
	struct exchange **at = &f->exchanges;

	while (*at != x)
		at = &(*at)->next;
	*at = x->next;
}

static void
client_wake(void *owner)
{
	struct front *f = owner;

	if (!f->dead)
		deferred_queue(env_of(f)->loop, &f->settle);
}

/*
 * Exchanges whose last byte left, or that were reset.  Where it is in the
 * output is taken down when the exchange is first seen here: what others put
 * behind it must not keep it, or it would stay as long as a client always has
 * another request under way.
 */
static void
end_those_over(struct front *f)
{
	uint64_t sent = link_sent(f->link);
	uint64_t queued = sent + codec_output(f->codec).n;
	struct exchange *x, *next;

	for (x = f->exchanges; x != NULL; x = next) {
		next = x->next;
		if (x->state == EXCHANGE_RESPONDED && x->leaves_at == 0)
			x->leaves_at = queued;
		if (x->state == EXCHANGE_RESET ||
		    (x->state == EXCHANGE_RESPONDED && x->leaves_at <= sent))
			exchange_end(x);
	}
}

static void
fault_all(struct front *f, enum fault fault)
{
	for (struct exchange *x = f->exchanges; x != NULL; x = x->next)
		exchange_fault(x, fault, NULL);
}

/* -- closing -- */

static void
front_reap(void *owner)
{
	struct front *f = owner;

	timer_free(f->timer);
	timer_free(f->watch);
	codec_free(f->codec);
	free(f->principal.groups);
	free(f);
}

static void
tell_if_full(struct fronts *all, size_t listener)
{
	struct entrance *e = &all->entrances[listener];
	uint32_t most = all->env->conf->listeners[listener].clients;
	bool is_full = all->n >= all->most || (most != 0 && e->n >= most);

	if (is_full == e->is_full)
		return;
	e->is_full = is_full;
	all->full(all->full_owner, listener, is_full);
}

/* A client came by that listener, or left. */
static void
count_clients(struct fronts *all, size_t listener, bool came)
{
	bool was_full = all->n >= all->most;

	if (came) {
		all->n++;
		all->entrances[listener].n++;
		atomic_fetch_add_explicit(&all->env->figures->clients, 1,
		    memory_order_relaxed);
	} else {
		all->n--;
		all->entrances[listener].n--;
		atomic_fetch_sub_explicit(&all->env->figures->clients, 1,
		    memory_order_relaxed);
	}
	if (was_full == (all->n >= all->most)) {
		tell_if_full(all, listener);
		return;
	}
	for (size_t i = 0; i < all->env->conf->n_listeners; i++)
		tell_if_full(all, i);
}

static void
front_forget(struct front *f)
{
	struct fronts *all = f->fronts;

	*f->prev = f->next;
	if (f->next != NULL)
		f->next->prev = f->prev;
	count_clients(all, (size_t)(f->client.listener -
	    all->env->conf->listeners), false);
	if (all->n == 0 && all->empty != NULL)
		deferred_queue(all->env->loop, &all->tell_empty);
}

static void
front_close(struct front *f, enum link_end how, const char *reason)
{
	if (f->dead)
		return;
	f->dead = true;
	log_debug("client connection closed: %s", reason);
	while (f->exchanges != NULL) {
		exchange_fault(f->exchanges, FAULT_CLIENT_GONE, NULL);
		exchange_end(f->exchanges);
	}
	link_close(&f->link, how);
	deferred_cancel(&f->settle);
	front_forget(f);
	deferred_queue(env_of(f)->loop, &f->reap);
}

/* -- settling -- */

static enum wait
what_is_waited_for(const struct front *f)
{
	const struct exchange *x;

	if (link_is_blocked(f->link))
		return WAIT_SEND;
	x = running(f);
	if (x != NULL && !x->request_ended && x->request_credit != 0)
		return WAIT_BODY;
	if (x != NULL || f->exchanges != NULL)
		return WAIT_NOTHING;
	return codec_held(f->codec) != 0 ? WAIT_HEAD : WAIT_REQUEST;
}

/* Time runs out only while the client is waited for. */
static void
move_patience(struct front *f, enum wait wait)
{
	struct exchange *x = running(f);
	int64_t now = loop_now(env_of(f)->loop);

	if (x != NULL && (wait == WAIT_BODY || f->wait == WAIT_BODY))
		patience_run(&x->patience, wait == WAIT_BODY, now);
	if (wait == WAIT_SEND || f->wait == WAIT_SEND)
		patience_run(&f->reading, wait == WAIT_SEND, now);
}

/*
 * How long a client that is to read may still take.  Its link takes no more
 * until much of what it has was read, so what it reads meanwhile is looked up.
 */
static int64_t
reading_left(struct front *f)
{
	const struct conf *conf = env_of(f)->conf;
	uint64_t sent = link_sent(f->link), waiting = link_waiting(f->link);
	uint64_t taken = sent > waiting ? sent - waiting : 0;
	int64_t now = loop_now(env_of(f)->loop);

	if (taken > f->taken) {
		patience_feed(&f->reading, conf->timeouts.send,
		    conf->limits.body_rate, (size_t)(taken - f->taken), now);
		f->taken = taken;
	}
	return patience_left(&f->reading, now);
}

static void
move_deadline(struct front *f)
{
	const struct conf_client_timeouts *t = &env_of(f)->conf->timeouts;
	enum wait wait = what_is_waited_for(f);

	if (wait == f->wait && !f->progress)
		return;
	move_patience(f, wait);
	switch (wait) {
	case WAIT_NOTHING:
		timer_clear(f->timer);
		break;
	case WAIT_REQUEST:
		timer_set(f->timer, t->idle);
		break;
	case WAIT_HEAD:
		/* The whole head in that time, however it trickles in. */
		if (f->wait != WAIT_HEAD)
			timer_set(f->timer, t->head);
		break;
	case WAIT_BODY:
		timer_set(f->timer, patience_left(&running(f)->patience,
		    loop_now(env_of(f)->loop)));
		break;
	case WAIT_SEND:
		timer_set(f->timer, reading_left(f));
		break;
	}
	f->wait = wait;
	f->progress = false;
}

/* Nothing runs and nothing can: true when the front was closed. */
static bool
close_if_done(struct front *f)
{
	if (f->exchanges != NULL || codec_output(f->codec).n != 0)
		return false;
	switch (codec_state(f->codec)) {
	case CODEC_BUSY:
		return false;
	case CODEC_IDLE:
		if (!f->ended && !env_of(f)->draining)
			return false;
		front_close(f, LINK_END_NOW, "idle at its end");
		return true;
	case CODEC_DONE:
		front_close(f, f->ended ? LINK_END_NOW : LINK_END_LINGER,
		    "the last exchange is done");
		return true;
	case CODEC_BROKEN:
		break;
	}
	front_close(f, LINK_END_ABORT, "an exchange was cut off");
	return true;
}

static void
front_settle(void *owner)
{
	struct front *f = owner;

	/*
	 * A client that does not read its responses gets no further request
	 * served, or it would fill our memory with answers.
	 */
	while (codec_has_events(f->codec) &&
	    (running(f) != NULL || !link_is_blocked(f->link)))
		codec_input(f->codec, NULL, 0);
	end_those_over(f);
	if (close_if_done(f))
		return;
	link_want_input(f->link, !f->ended && codec_wants_input(f->codec) &&
	    (running(f) != NULL || !link_is_blocked(f->link)));
	if (codec_output(f->codec).n != 0)
		link_wake(f->link);
	move_deadline(f);
}

static void
front_late(void *owner)
{
	struct front *f = owner;
	enum wait wait = f->wait;
	struct exchange *x;
	stream_id stream;

	if (f->dead)
		return;
	f->wait = WAIT_NOTHING;
	switch (wait) {
	case WAIT_NOTHING:
		break;
	case WAIT_REQUEST:
		front_close(f, LINK_END_NOW, "idle for long");
		return;
	case WAIT_HEAD:
		stream = codec_refuse(f->codec);
		if (stream != STREAM_NONE)
			exchange_fault(begin(f, stream, NULL, true),
			    FAULT_REQUEST_TIMEOUT, "the head took too long");
		break;
	case WAIT_BODY:
		/* Its response may have ended in this very turn. */
		x = running(f);
		if (x != NULL)
			exchange_fault(x, FAULT_REQUEST_TIMEOUT,
			    "the body came too slowly");
		break;
	case WAIT_SEND:
		if (reading_left(f) != 0)
			break;
		fault_all(f, FAULT_CLIENT_STALLED);
		front_close(f, LINK_END_ABORT, "the client does not read");
		return;
	}
	front_settle(f);
}

/* -- the codec's events -- */

static void
codec_on_head(void *owner, stream_id s, const struct head *head, bool end)
{
	struct front *f = owner;
	struct exchange *x;

	switch (head->kind) {
	case HEAD_REQUEST:
		x = begin(f, s, head, end);
		forward_start(x);
		break;
	case HEAD_TRAILERS:
		/* Checked by the codec, and dropped. */
		x = find(f, s);
		if (x != NULL)
			forward_request_body(x, NULL, 0, true);
		break;
	case HEAD_RESPONSE:
	case HEAD_INTERIM:
		break;
	}
}

static void
codec_on_body(void *owner, stream_id s, const uint8_t *p, size_t n, bool end)
{
	struct front *f = owner;
	struct exchange *x = find(f, s);

	f->progress = true;
	if (x == NULL)
		return;
	patience_feed(&x->patience, env_of(f)->conf->timeouts.body,
	    env_of(f)->conf->limits.body_rate, n,
	    loop_now(env_of(f)->loop));
	forward_request_body(x, p, n, end);
}

static void
codec_on_room(void *owner, stream_id s)
{
	struct front *f = owner;
	struct exchange *x = find(f, s);

	if (x != NULL)
		forward_client_sent(x);
}

static void
codec_on_reset(void *owner, stream_id s, enum codec_error why)
{
	struct front *f = owner;
	struct exchange *x = find(f, s);

	if (x == NULL) {
		/* A link that ended within a head asked for nothing. */
		x = begin(f, s, NULL, true);
	}
	forward_client_reset(x, why, codec_complaint(f->codec));
}

static void
codec_on_drain(void *owner)
{
	(void)owner;
}

static const struct codec_events codec_events = {
	.head = codec_on_head,
	.body = codec_on_body,
	.room = codec_on_room,
	.reset = codec_on_reset,
	.drain = codec_on_drain,
};

/* -- the link's events -- */

static void
link_input(void *owner, const uint8_t *bytes, size_t n)
{
	struct front *f = owner;

	codec_input(f->codec, bytes, n);
	front_settle(f);
}

/*
 * A client whose input has ended may wait for its response, or be gone; the
 * end looks the same.  While an exchange runs, see from time to time.
 */
#define WATCH_FIRST_MS	20
#define WATCH_MS	500

static void
watch_client(void *owner)
{
	struct front *f = owner;

	if (f->dead || f->exchanges == NULL)
		return;
	if (orphan_check(link_fd(f->link)))
		front_close(f, LINK_END_ABORT, "the client is gone");
	else
		timer_set(f->watch, WATCH_MS);
}

static void
link_eof(void *owner, bool clean)
{
	struct front *f = owner;

	f->ended = true;
	codec_input_eof(f->codec, clean);
	front_settle(f);
	if (f->dead || f->exchanges == NULL)
		return;
	f->watch = timer_new(env_of(f)->loop, watch_client, f);
	timer_set(f->watch, WATCH_FIRST_MS);
}

static void
link_failed(void *owner, enum link_error why)
{
	struct front *f = owner;

	(void)why;
	front_close(f, LINK_END_ABORT, "the client is gone");
}

static struct text
link_output(void *owner)
{
	struct front *f = owner;

	return codec_output(f->codec);
}

static void
link_output_done(void *owner, size_t n)
{
	struct front *f = owner;

	codec_output_done(f->codec, n);
	f->progress = true;
	for (struct exchange *x = f->exchanges; x != NULL; x = x->next)
		forward_client_sent(x);
	client_wake(f);
}

static const struct link_events link_events = {
	.input = link_input,
	.eof = link_eof,
	.error = link_failed,
	.output = link_output,
	.output_done = link_output_done,
};

/* -- all of them -- */

static void
principal_from(struct fronts *all, const struct client_info *info,
    struct principal *p)
{
	addr_ip_from(&p->ip, &info->address);
	p->has_user = info->has_user;
	if (!info->has_user)
		return;
	p->uid = info->uid;
	p->user_name = users_name(all->users, info->uid);
	p->n_groups = info->n_groups + 1;
	p->groups = xcalloc(p->n_groups, sizeof(*p->groups));
	p->groups[0] = info->gid;
	for (size_t i = 0; i < info->n_groups; i++)
		p->groups[i + 1] = info->groups[i];
}

void
fronts_accept(struct fronts *all, size_t listener, int fd,
    const struct client_info *info)
{
	struct front *f = xcalloc(1, sizeof(*f));
	struct env *env = all->env;

	f->fronts = all;
	principal_from(all, info, &f->principal);
	f->codec = h1_codec_new(CODEC_SERVER, &env->codec, &codec_events, f);
	f->timer = timer_new(env->loop, front_late, f);
	patience_begin(&f->reading, env->conf->timeouts.send);
	deferred_init(&f->settle, LOOP_SOON, front_settle, f);
	deferred_init(&f->reap, LOOP_LATE, front_reap, f);
	f->client = (struct exchange_client){
		.env = env,
		.codec = f->codec,
		.listener = &env->conf->listeners[listener],
		.principal = &f->principal,
		.owner = f,
		.wake = client_wake,
		.ended = client_ended,
	};
	f->link = link_new(env->loop, fd, &link_events, f);
	f->next = all->list;
	f->prev = &all->list;
	if (all->list != NULL)
		all->list->prev = &f->next;
	all->list = f;
	link_want_input(f->link, true);
	move_deadline(f);
	count_clients(all, listener, true);
}

static void
tell_empty(void *owner)
{
	struct fronts *all = owner;

	if (all->n == 0)
		all->empty(all->empty_owner);
}

struct fronts *
fronts_new(struct env *env, uint32_t most, fronts_full *full, void *owner)
{
	struct fronts *all = xcalloc(1, sizeof(*all));

	all->env = env;
	env->exchanges = blocks_new(sizeof(struct exchange), KEEP_EXCHANGES);
	all->users = users_load();
	all->most = most;
	all->entrances = xcalloc(env->conf->n_listeners,
	    sizeof(*all->entrances));
	all->full = full;
	all->full_owner = owner;
	deferred_init(&all->tell_empty, LOOP_LATE, tell_empty, all);
	return all;
}

void
fronts_free(struct fronts *all)
{
	if (all == NULL)
		return;
	fronts_cut(all);
	deferred_cancel(&all->tell_empty);
	users_free(all->users);
	free(all->entrances);
	free(all);
}

void
fronts_drain(struct fronts *all, void (*empty)(void *owner), void *owner)
{
	struct front *f, *next;

	all->empty = empty;
	all->empty_owner = owner;
	for (f = all->list; f != NULL; f = next) {
		next = f->next;
		codec_drain(f->codec);
		front_settle(f);
	}
	if (all->n == 0)
		deferred_queue(all->env->loop, &all->tell_empty);
}

void
fronts_cut(struct fronts *all)
{
	while (all->list != NULL) {
		fault_all(all->list, FAULT_WORKER_STOPPED);
		front_close(all->list, LINK_END_ABORT, "the worker stops");
	}
}

size_t
fronts_count(const struct fronts *all)
{
	return all->n;
}
