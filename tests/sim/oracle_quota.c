/*
 * Oracles for quotas that upstreams tell: where a spent one makes requests
 * wait, one a second goes ahead until its window has ended, or an answer to
 * what was asked later says that something is left.
 */
#include "oracle.h"

#include <string.h>

#include "base/clock.h"
#include "clock.h"
#include "history.h"
#include "pick.h"
#include "worker.h"

/* Where the window is not told, or cannot be read; and the longest one. */
#define WINDOW_S	10
#define LONGEST_S	86400

static struct {
	int64_t closed_ns, opens_ns;	/* 0: it is open */
	int64_t ahead_ns;		/* when one went ahead meanwhile */
	bool told, told_spent;		/* ever */
} gates[ALL_VALUES];

void
oracle_quota_begin(void)
{
	memset(gates, 0, sizeof(gates));
}

static size_t
value_of(unsigned worker, size_t key)
{
	return worker_facts(worker)->setting->value_at[key];
}

/* The one value of a field, or of several alike; false: none. */
static bool
field_of(const struct head *h, struct text name, struct text *value)
{
	bool found = false;

	for (size_t i = 0; i < h->fields.n; i++) {
		const struct field *f = &h->fields.v[i];

		if (!text_eq_nocase(f->name, name))
			continue;
		if (found && !text_eq(f->value, *value))
			return false;
		*value = f->value;
		found = true;
	}
	return found;
}

static bool
number_of(struct text t, int64_t *n)
{
	*n = 0;
	for (size_t i = 0; i < t.n && i < 10; i++) {
		if (t.p[i] < '0' || t.p[i] > '9')
			return false;
		*n = *n * 10 + (t.p[i] - '0');
	}
	return t.n > 0 && t.n < 10;
}

static int64_t
window_of(const struct head *h)
{
	int64_t unit = 1, n;
	struct text t;

	if (!field_of(h, TEXT("x-ratelimit-interval"), &t) || t.n == 0)
		return WINDOW_S;
	if (t.p[t.n - 1] == 'm')
		unit = 60;
	else if (t.p[t.n - 1] == 'h')
		unit = 3600;
	if (unit != 1 || t.p[t.n - 1] == 's')
		t.n--;
	if (!number_of(t, &n) || n == 0 || n > LONGEST_S / unit)
		return WINDOW_S;
	return n * unit;
}

void
oracle_on_quota(const struct quota_said *q)
{
	size_t v = value_of(q->worker, q->key);
	struct text t;
	int64_t left;

	if (!field_of(q->head, TEXT("x-ratelimit-remaining"), &t) ||
	    !number_of(t, &left))
		return;
	gates[v].told = true;
	gates[v].told_spent |= left == 0;
	if (!q->waits)
		return;
	history("value %zu: %lld is left, of what was sent %lld ms ago", v,
	    (long long)left, (long long)((clock_now() - q->sent_ns) /
	    NS_PER_MS));
	if (left == 0) {
		if (gates[v].opens_ns <= clock_now())
			gates[v].ahead_ns = 0;
		gates[v].closed_ns = clock_now();
		gates[v].opens_ns = clock_now() + window_of(q->head) *
		    NS_PER_S;
	} else if (q->sent_ns > gates[v].closed_ns) {
		gates[v].opens_ns = 0;
	}
}

void
oracle_on_start(const struct start *s)
{
	size_t v = value_of(s->worker, s->key);

	if (s->probe || !s->waits || gates[v].opens_ns <= clock_now())
		return;
	must(gates[v].ahead_ns == 0 || clock_now() - gates[v].ahead_ns >=
	    NS_PER_S, "value %zu: its quota is spent, and two requests go "
	    "ahead within %lld ms", v, (long long)((clock_now() -
	    gates[v].ahead_ns) / NS_PER_MS));
	gates[v].ahead_ns = clock_now();
}

/*
 * Those that waited for another key before go no faster than the quota of this
 * one allows, also where it was never spent, and others stand behind them; or
 * their time was over when they came to it.
 */
bool
oracle_quota_holds_up(const struct setting *s, const struct conf_route *route)
{
	size_t told = 0;

	for (size_t i = 0; i < route->n_keys; i++)
		told += gates[s->value_at[route->keys[i]]].told;
	if (told == 0)
		return false;
	for (size_t v = 0; v < ALL_VALUES; v++) {
		if (gates[v].told_spent)
			return true;
	}
	return false;
}
