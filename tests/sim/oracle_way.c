/*
 * Oracles for how clients come in: who has to say a header says a good one
 * first, and is then who that calls him; see oracle_way.h (-Wl,--wrap).
 */
#include "oracle_way.h"

#include <string.h>

#include "base/clock.h"
#include "client.h"
#include "client/session.h"
#include "client/sessions.h"
#include "clock.h"
#include "history.h"
#include "setting.h"
#include "socket.h"
#include "way.h"
#include "worker.h"

/* As in oracle_time.c. */
#define LATE		(2 * NS_PER_MS)

static bool
is_on_its_way(const struct wire *w)
{
	return !w->upstream && w->enters && !w->served && w->open;
}

/* -- in -- */

void	__real_sessions_accept(struct sessions *, size_t, int,
	    const struct client_info *);
void	__wrap_sessions_accept(struct sessions *, size_t, int,
	    const struct client_info *);

void
__wrap_sessions_accept(struct sessions *all, size_t listener, int fd,
    const struct client_info *info)
{
	socket_wire(fd)->enters = true;
	__real_sessions_accept(all, listener, fd, info);
}

void
oracle_on_in(const struct wire *w)
{
	const struct way *way = client_way(w);

	must(way_leads_in(way), "wire %u: a client is let in with %s",
	    w->number, way->is_foreign ? "a header of nobody's balancer" :
	    way->kind);
	must(w->handed == way_length(way), "wire %u: is let in after %llu of "
	    "the %zu bytes of its header", w->number,
	    (unsigned long long)w->handed, way_length(way));
}

/* What it is called is what limits and routes see of it. */
struct session	*__real_session_new(const struct session_owner *,
		    const struct arrived *);
struct session	*__wrap_session_new(const struct session_owner *,
		    const struct arrived *);

struct session *
__wrap_session_new(const struct session_owner *owner,
    const struct arrived *client)
{
	const struct wire *w = socket_wire(client->fd);
	const struct way *way = client_way(w);
	struct addr_ip ip;

	addr_ip_from(&ip, &way->client);
	must(client->principal.ip.len == ip.len &&
	    memcmp(&client->principal.ip.sa, &ip.sa, ip.len) == 0,
	    "wire %u: its client is taken for another", w->number);
	must(client->principal.has_user == (way->listener == BY_UNIX) &&
	    (!client->principal.has_user ||
	    client->principal.uid == way->number),
	    "wire %u: its client is taken for another user", w->number);
	return __real_session_new(owner, client);
}

void
oracle_on_told_client(const struct wire *w, const struct line *l)
{
	const struct way *way = client_way(w);
	char text[ADDR_TEXT];

	addr_format_ip(&way->client, text);
	must(strcmp(l->ip, text) == 0, "wire %u: its client is %s, and %s in "
	    "a line", w->number, text, l->ip);
}

/* -- out -- */

/* One that retires gives less time for a header. */
static int64_t
deadline_of(const struct wire *w)
{
	const struct worker_facts *f = worker_facts(w->worker);
	int64_t at = w->let_in_ns +
	    f->setting->conf.timeouts.head * NS_PER_MS;
	int64_t since = f->since > w->let_in_ns ? f->since : w->let_in_ns;

	if (f->phase == WORKER_SERVES || at < since + NS_PER_S)
		return at;
	return since + NS_PER_S;
}

static bool
came_from_the_same(const struct wire *a, const struct wire *b)
{
	char x[ADDR_TEXT], y[ADDR_TEXT];

	addr_format_ip(&client_way(a)->from, x);
	addr_format_ip(&client_way(b)->from, y);
	return strcmp(x, y) == 0;
}

/* How many of its worker are on their way, of its balancer or in all. */
static size_t
count(const struct wire *w, bool of_all)
{
	size_t n = 0;

	for (const struct wire *o = wires(); o != NULL; o = o->next)
		n += is_on_its_way(o) && o->worker == w->worker &&
		    (of_all || came_from_the_same(o, w));
	return n;
}

/*
 * A half of the clients that its worker may have, or of those that may come by
 * the balancer: nobody else has a way to go.
 */
static size_t
most_of(const struct wire *w)
{
	const struct setting *setting = worker_facts(w->worker)->setting;
	uint32_t most = setting->clients;
	uint32_t own =
	    setting->conf.listeners[client_way(w)->listener].clients;

	if (own != 0 && own < most)
		most = own;
	return most > 1 ? most / 2 : 1;
}

/*
 * There are too many: it is the one that waits longest of those who have most
 * on their way.  The wire that came last is the first.
 */
static bool
has_to_go(const struct wire *w)
{
	bool is_oldest = true;

	if (count(w, true) <= most_of(w))
		return false;
	for (const struct wire *o = wires(); o != NULL; o = o->next) {
		if (!is_on_its_way(o) || o->worker != w->worker)
			continue;
		if (count(o, false) > count(w, false))
			return false;
		is_oldest &= !came_from_the_same(o, w) ||
		    o->let_in_ns >= w->let_in_ns;
	}
	return is_oldest;
}

void
oracle_on_shut_out(const struct wire *w)
{
	const struct way *way = client_way(w);
	const struct worker_facts *f = worker_facts(w->worker);

	must(w->taken == 0, "wire %u: is told something, and not let in",
	    w->number);
	if (w->died || f->was_cut || f->phase == WORKER_STOPS ||
	    way->is_foreign || way->is_malformed ||
	    w->peer_end != WIRE_OPEN || clock_now() >= deadline_of(w) ||
	    has_to_go(w))
		return;
	finding("wire %u: is not let in, and could have been", w->number);
}

/* -- time -- */

static void
it_is_decided(const struct wire *w)
{
	const struct way *way = client_way(w);

	must(!way->is_foreign, "wire %u: came from no balancer, and is heard",
	    w->number);
	must(count(w, true) <= most_of(w), "wire %u: too many wait to be let "
	    "in", w->number);
	must(w->handed < way_length(way), "wire %u: all of its header came, "
	    "and nothing follows from that", w->number);
}

void
oracle_ways_on_time(int64_t at)
{
	for (const struct wire *w = wires(); w != NULL; w = w->next) {
		if (!is_on_its_way(w))
			continue;
		it_is_decided(w);
		must(at <= deadline_of(w) + LATE, "wire %u: its header takes "
		    "too long", w->number);
	}
}
