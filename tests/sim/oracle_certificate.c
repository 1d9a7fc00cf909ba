/*
 * Oracles for clients with certificates: what they are called is what they
 * proved, and nobody is served whose certificate ended, or was verified by what
 * was renewed since; see oracle_way.h (-Wl,--wrap).
 */
#include "oracle_way.h"

#include <stdlib.h>
#include <string.h>

#include "accept.h"
#include "base/clock.h"
#include "client.h"
#include "clock.h"
#include "history.h"
#include "parent.h"
#include "policy/judge.h"
#include "setting.h"
#include "way.h"
#include "worker.h"

/* Its handshake began, and it was to be verified in it. */
static bool
is_verified(const struct wire *w)
{
	return w->shakes_ns != 0 &&
	    client_way(w)->certificate != NO_CERTIFICATE;
}

/* By now: the worker knows it, or the parent decided so, whoever heard it. */
static bool
is_distrusted(const struct wire *w)
{
	return is_verified(w) &&
	    (w->trust != worker_trust(w->worker, w->listener) ||
	    w->judged_by != parent_judges_by(w->listener));
}

bool
oracle_is_outdated(const struct wire *w)
{
	return is_distrusted(w) || (is_verified(w) &&
	    w->decided_turns != parent_turns(w->listener));
}

bool
oracle_is_over(const struct wire *w)
{
	return w->shaken &&
	    (oracle_is_outdated(w) || way_is_over(client_way(w)));
}

void
oracle_on_principal(const struct wire *w, const struct principal *p)
{
	const struct way *way = client_way(w);
	const struct cert_names *names = p->certificate;
	const char *name;

	must((names != NULL) == (w->shaken &&
	    way->certificate != NO_CERTIFICATE), "wire %u: its client has%s "
	    "a certificate, by what is said", w->number,
	    names != NULL ? "" : " not");
	must(!w->shaken || way->certificate != NO_CERTIFICATE ||
	    !mood()->certificate_is_required, "wire %u: its client has no "
	    "certificate, and is let in", w->number);
	if (names == NULL)
		return;
	name = setting_certificate_name(way->certificate);
	must(names->uri != NULL ? strcmp(names->uri, name) == 0 :
	    names->n_dns == 1 && strcmp(names->dns[0], name + 4) == 0,
	    "wire %u: its client's certificate is another's", w->number);
	must(!is_distrusted(w), "wire %u: its client was verified by what was "
	    "renewed meanwhile, and is let in", w->number);
}

/* -- the end of a certificate -- */

/* In the last minute of one an answer is the last of its connection. */
#define LAST_S		60

void
oracle_on_last_answers(const struct wire *w, const struct message *m,
    int64_t began_ns)
{
	const struct way *way = client_way(w);
	int64_t then = clock_wall() - (clock_now() - began_ns);
	struct text t = TEXT("");

	if (!w->shaken || !is_verified(w) ||
	    then < (way->until - LAST_S) * NS_PER_S)
		return;
	must(message_field(m, "Connection", &t) && text_eq(t, TEXT("close")),
	    "wire %u: its client's certificate ends in %lld ms, and an answer "
	    "is not the last", w->number,
	    (long long)((way->until * NS_PER_S - then) / NS_PER_MS));
}

/*
 * How long a client stays that asks for nothing: as one whose connection was
 * just made, or its last answer, it has a moment for a request under way.
 */
#define MOMENT		NS_PER_S

/* As in oracle_time.c. */
#define LATE		(2 * NS_PER_MS)

/* What it was verified by was renewed, and its worker has heard so. */
static void
it_ends_with_its_authority(const struct wire *w, int64_t at)
{
	int64_t heard = worker_heard(w->worker, w->listener);

	must(w->trust == worker_trust(w->worker, w->listener) ||
	    at - heard <= MOMENT + LATE, "wire %u: its client is idle, and was "
	    "verified by what was renewed %lld ms ago", w->number,
	    (long long)((at - heard) / NS_PER_MS));
}

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* That its connection is to end gives it another moment. */
static void
it_ends_with_its_certificate(const struct wire *w, int64_t at)
{
	const struct worker_facts *f = worker_facts(w->worker);
	int64_t left = client_way(w)->until * NS_PER_S -
	    (clock_wall() + at - clock_now());
	int64_t since = later(later(w->let_in_ns, w->used_ns),
	    worker_heard(w->worker, w->listener));

	if (f->phase != WORKER_SERVES)
		since = later(since, f->since);
	must(left > -LATE || at - since <= MOMENT + LATE, "wire %u: its "
	    "client is idle for %lld ms, and its certificate ended %lld ms "
	    "ago", w->number, (long long)((at - since) / NS_PER_MS),
	    (long long)(-left / NS_PER_MS));
}

void
oracle_certificates_on_time(int64_t at)
{
	for (const struct wire *w = wires(); w != NULL; w = w->next) {
		if (w->upstream || !w->shaken || w->link == NULL ||
		    !is_verified(w) || !client_is_idle(w->peer))
			continue;
		it_ends_with_its_certificate(w, at);
		it_ends_with_its_authority(w, at);
	}
}

/* -- requests -- */

void	__real_judge(const struct judge_case *, struct arena *,
	    struct verdict *);
void	__wrap_judge(const struct judge_case *, struct arena *,
	    struct verdict *);

/* It is asked for each request of a client that may be served. */
void
__wrap_judge(const struct judge_case *c, struct arena *arena,
    struct verdict *verdict)
{
	const struct cert_names *names = c->who->certificate;
	const struct wire *w;

	if (names != NULL) {
		w = wire_of_number((unsigned)strtoul(names->subject +
		    strlen(ACCEPT_SUBJECT), NULL, 10));
		must(w != NULL && !is_distrusted(w) &&
		    !way_is_over(client_way(w)), "wire %u: a request is "
		    "served, and its client's certificate is good no more",
		    w != NULL ? w->number : 0);
	}
	__real_judge(c, arena, verdict);
}
