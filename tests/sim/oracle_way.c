/*
 * Oracles for how clients come in: who has to say a header says a good one
 * first, and is then who that calls him; where TLS is spoken a handshake comes
 * next; see oracle_way.h (-Wl,--wrap).
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

	must(setting_speaks_tls(w->listener) == w->shaken, "wire %u: is let "
	    "in, and its handshake did not end well", w->number);
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
	oracle_on_principal(w, &client->principal);
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

/* -- handshakes -- */

void
oracle_on_handshake(const struct wire *w)
{
	const struct way *way = client_way(w);

	must(setting_speaks_tls(w->listener), "wire %u: a handshake where no "
	    "TLS is spoken", w->number);
	must(!way->is_foreign && !way->is_malformed, "wire %u: a handshake "
	    "with %s", w->number, way->kind);
	must(w->handed == way_header_n(way), "wire %u: its handshake begins "
	    "after %llu of the %zu bytes of its header", w->number,
	    (unsigned long long)w->handed, way_header_n(way));
}

/* From here on it lingers, as one that was turned away. */
void
oracle_on_plain(struct wire *w)
{
	must(client_way(w)->is_plain, "wire %u: is told that it speaks no "
	    "TLS, with %s", w->number, client_way(w)->kind);
	w->plain = true;
	w->enters = false;
	w->lingers_ns = clock_now();
}

/* -- out -- */

/* One that retires gives less time for a header, and as much for the rest. */
static int64_t
deadline_of(const struct wire *w)
{
	const struct worker_facts *f = worker_facts(w->worker);
	int64_t most = f->setting->conf.timeouts.head * NS_PER_MS;
	int64_t at = w->let_in_ns + most;
	int64_t since = f->since > w->let_in_ns ? f->since : w->let_in_ns;

	if (w->shakes_ns != 0)
		return w->shakes_ns + most;
	if (f->phase == WORKER_SERVES || at < since + NS_PER_S)
		return at;
	return since + NS_PER_S;
}

/* When its header has come it is not the balancer that counts. */
static const struct addr *
source_of(const struct wire *w)
{
	const struct way *way = client_way(w);

	return w->shakes_ns != 0 ? &way->client : &way->from;
}

/* All addresses of IPv6 that clients have begin with the same 64 bits. */
static bool
came_from_the_same(const struct wire *a, const struct wire *b)
{
	const struct addr *one = source_of(a), *other = source_of(b);
	char x[ADDR_TEXT], y[ADDR_TEXT];

	if (one->sa.sa_family == AF_INET6)
		return other->sa.sa_family == AF_INET6;
	addr_format_ip(one, x);
	addr_format_ip(other, y);
	return strcmp(x, y) == 0;
}

/* Whether it counts where those of w's listener do, or all of its worker. */
static bool
counts(const struct wire *o, const struct wire *w, bool of_all)
{
	return is_on_its_way(o) && o->worker == w->worker &&
	    (of_all || o->listener == w->listener);
}

static size_t
count(const struct wire *w, bool of_all)
{
	size_t n = 0;

	for (const struct wire *o = wires(); o != NULL; o = o->next)
		n += counts(o, w, of_all);
	return n;
}

bool
oracle_has_arrivals(unsigned worker, size_t listener)
{
	for (const struct wire *o = wires(); o != NULL; o = o->next) {
		if (is_on_its_way(o) && o->worker == worker &&
		    (listener == CONF_NONE || o->listener == listener))
			return true;
	}
	return false;
}

/* Of these, those from where w comes. */
static size_t
count_of_source(const struct wire *w, bool of_all)
{
	size_t n = 0;

	for (const struct wire *o = wires(); o != NULL; o = o->next)
		n += counts(o, w, of_all) && came_from_the_same(o, w);
	return n;
}

/*
 * A half of the clients that its worker may have, or of those that may come by
 * its listener.
 */
static size_t
most_of(const struct wire *w, bool of_all)
{
	const struct setting *setting = worker_facts(w->worker)->setting;
	uint32_t own = setting->conf.listeners[w->listener].clients;
	uint32_t most = of_all || own == 0 ? setting->clients : own;

	return most > 1 ? most / 2 : 1;
}

/*
 * There are too many, or somebody came for whom there was no place: it is the
 * one that waits longest of those who have most on their way.
 */
static bool
is_too_much(const struct wire *w, bool of_all)
{
	size_t most = count_of_source(w, of_all);
	bool is_oldest = true;

	if (count(w, of_all) <= most_of(w, of_all) &&
	    !oracle_is_at_limit(w, of_all))
		return false;
	for (const struct wire *o = wires(); o != NULL; o = o->next) {
		if (!counts(o, w, of_all))
			continue;
		if (count_of_source(o, of_all) > most)
			return false;
		is_oldest &= !came_from_the_same(o, w) ||
		    o->let_in_ns >= w->let_in_ns;
	}
	return is_oldest;
}

static bool
has_to_go(const struct wire *w)
{
	return is_too_much(w, false) || is_too_much(w, true);
}

/* Its handshake does not lead in. */
static bool
proves_nothing(const struct wire *w)
{
	const struct way *way = client_way(w);

	return w->shakes_ns != 0 && (way->fails || way_is_over(way) ||
	    oracle_is_outdated(w) || (way->certificate == NO_CERTIFICATE &&
	    mood()->certificate_is_required));
}

void
oracle_on_shut_out(const struct wire *w)
{
	const struct way *way = client_way(w);
	const struct worker_facts *f = worker_facts(w->worker);

	must(w->taken == 0, "wire %u: is told something, and not let in",
	    w->number);
	if (w->died || f->was_cut || f->phase == WORKER_STOPS ||
	    way->is_foreign || way->is_malformed || proves_nothing(w) ||
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
	must(count(w, true) <= most_of(w, true) &&
	    count(w, false) <= most_of(w, false), "wire %u: too many wait to "
	    "be let in", w->number);
	must(w->decided || way->is_plain || w->handed < way_length(way),
	    "wire %u: all of its header came, and nothing follows from that",
	    w->number);
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
