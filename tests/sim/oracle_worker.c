/*
 * Oracles for the letting in of clients, for reloads and for the end of
 * workers.
 */
#include <string.h>

#include "base/clock.h"
#include "client.h"
#include "clock.h"
#include "history.h"
#include "oracle.h"
#include "oracle_way.h"
#include "parent.h"
#include "worker.h"

/* -- letting in -- */

/*
 * Counts clients that are served, or on their way in, or whose connection
 * lingers after that.
 */
static size_t
count_clients(const struct wire *but, unsigned worker, size_t listener)
{
	size_t n = 0;

	for (const struct wire *w = wires(); w != NULL; w = w->next)
		n += w != but && !w->upstream && w->open && w->enters &&
		    w->worker == worker &&
		    (listener == CONF_NONE || w->listener == listener);
	return n;
}

static bool
is_full_at(const struct wire *but, unsigned worker, size_t listener)
{
	uint32_t most = worker_facts(worker)->setting->conf.listeners[
	    listener].clients;

	return most != 0 && count_clients(but, worker, listener) >= most;
}

static bool
is_full(const struct wire *w, unsigned worker)
{
	return is_full_at(w, worker, w->listener) ||
	    count_clients(w, worker, CONF_NONE) >=
	    worker_facts(worker)->setting->clients;
}

/* There is nobody who would leave a place to it, either. */
static bool
has_nothing(const struct wire *w, unsigned worker)
{
	return is_full(w, worker) &&
	    !oracle_has_arrivals(worker, is_full_at(w, worker, w->listener) ?
	    w->listener : CONF_NONE);
}

/* Whether neither it nor another worker that serves the same has a place. */
static bool
all_are_full(const struct wire *w)
{
	const struct worker_facts *own = worker_facts(w->worker);

	for (unsigned i = 0; i < workers_started(); i++) {
		const struct worker_facts *f = worker_facts(i);

		if (i != w->worker && (own->phase != WORKER_SERVES ||
		    f->generation != own->generation || f->over ||
		    f->phase != WORKER_SERVES || !f->accepts))
			continue;
		if (!has_nothing(w, i))
			return false;
	}
	return true;
}

void
oracle_on_accept(struct wire *w)
{
	must(parent_lets_in(worker_facts(w->worker)->generation, w->listener),
	    "wire %u: a worker accepts it, and a later generation lets in",
	    w->number);
	w->full = all_are_full(w);
	client_is_let_in(w->peer, worker_facts(w->worker)->setting);
}

bool
oracle_is_at_limit(const struct wire *w, bool of_all)
{
	return of_all ? count_clients(NULL, w->worker, CONF_NONE) >=
	    worker_facts(w->worker)->setting->clients :
	    is_full_at(NULL, w->worker, w->listener);
}

void
oracle_on_served(const struct wire *w)
{
	must(w->upstream || !is_full(w, w->worker),
	    "wire %u: a client more than may be", w->number);
	if (!w->upstream)
		oracle_on_in(w);
}

/* A client that is turned away gets one answer, and there was no room. */
static void
turned_away(const struct request *r)
{
	const struct wire *w = client_wire(r->client);

	must(w->full, "wire %u: turned away, and there was room", w->number);
	must(strcmp(r->code, "overloaded") == 0 && r->status == 503 &&
	    r->closes, "request %u: turned away by %u %s", r->number,
	    r->status, r->code);
}

/* The port speaks TLS, and the client does not. */
static void
is_told_of_tls(const struct request *r)
{
	must(strcmp(r->code, "bad_request") == 0 && r->status == 400 &&
	    r->closes, "request %u: plain text where TLS is spoken is "
	    "answered by %u %s", r->number, r->status, r->code);
}

void
oracle_on_refused(size_t n)
{
	must(n == 0 || parent_may_refuse(),
	    "%zu clients wait at a socket that a reload closes", n);
}

/* -- the end of workers -- */

/* Only a worker that stops refuses requests for that. */
void
oracle_on_answer_of_ours(const struct request *r)
{
	const struct wire *w = client_wire(r->client);

	if (w->plain)
		is_told_of_tls(r);
	else if (!w->served)
		turned_away(r);
	must(strcmp(r->code, "draining") != 0 ||
	    worker_facts(w->worker)->phase == WORKER_STOPS,
	    "request %u: refused though its worker does not stop", r->number);
}

/* A client is told as soon as a response can say so. */
void
oracle_on_answered(const struct wire *w, const struct message *m)
{
	struct text t = TEXT("");

	must(worker_facts(w->worker)->phase == WORKER_SERVES || w->late ||
	    (message_field(m, "Connection", &t) && text_eq(t, TEXT("close"))),
	    "wire %u: its worker is to end, and an answer does not say so",
	    w->number);
}

/* Less than the moment for which it is kept. */
#define MOMENT		(999 * NS_PER_MS)

/* Who says nothing has a moment for a request that may be under way. */
void
oracle_on_close(const struct wire *w, enum link_end how)
{
	const struct worker_facts *f = worker_facts(w->worker);
	int64_t since = f->since > w->used_ns ? f->since : w->used_ns;

	if (w->upstream || how == LINK_END_ABORT ||
	    f->phase != WORKER_RETIRES || w->peer_end != WIRE_OPEN ||
	    oracle_is_over(w) ||
	    !client_may_ask_more(w->peer))
		return;
	must(clock_now() - since >= MOMENT, "wire %u: closed %lld ms after "
	    "it was used, or its worker had to retire", w->number,
	    (long long)((clock_now() - since) / NS_PER_MS));
}
