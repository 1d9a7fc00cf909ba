/*
 * Oracles for the keys that requests get: the one that is picked is that which
 * the decisions leave, by a rule of its own; and nothing may leave with a value
 * after it was switched off (-Wl,--wrap).
 */
#include "oracle_keys_own.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "history.h"
#include "http/codec.h"
#include "pick.h"
#include "policy/key_state.h"
#include "worker.h"

/* How long the last key of a route serves when it was rejected. */
#define GRACE		(60 * NS_PER_S)

/* A worker that misses a message looks once a second. */
#define BEAT		(1100 * NS_PER_MS)

/* -- the choice of a key -- */

/* What is off is used in two cases only, and only where there is no other. */
enum choice { USABLE, IN_DOUBT, IN_GRACE, NOT_USABLE };

static enum choice
choice_of(size_t value)
{
	const struct stats_decision d = decision_of(value);

	if ((d.facts & KEY_OFF) == 0)
		return USABLE;
	if ((d.facts & KEY_OFF) == KEY_OFF_EXPIRED &&
	    (d.facts & KEY_DOUBTED) != 0)
		return IN_DOUBT;
	if ((d.facts & KEY_OFF) == KEY_OFF_REJECTED &&
	    clock_boot() - d.rejected_ns < GRACE)
		return IN_GRACE;
	return NOT_USABLE;
}

/*
 * One that was rejected serves on where it was the last one of the route then:
 * none of the others went off later.
 */
static enum choice
choice_on(const struct setting *s, const struct conf_route *route,
    size_t value)
{
	enum choice choice = choice_of(value);

	for (size_t i = 0; choice == IN_GRACE && i < route->n_keys; i++) {
		size_t other = s->value_at[route->keys[i]];

		if (other != value && decision_of(other).off_ns >
		    decision_of(value).rejected_ns)
			return NOT_USABLE;
	}
	return choice;
}

static bool
is_better(enum choice choice, size_t a, size_t b)
{
	const struct stats_decision x = decision_of(a), y = decision_of(b);

	return choice == IN_GRACE ? x.rejected_ns > y.rejected_ns :
	    x.promoted > y.promoted;
}

size_t
oracle_key(const struct setting *s, const struct conf_route *route,
    size_t but)
{
	for (enum choice choice = USABLE; memory != NULL &&
	    choice < NOT_USABLE; choice++) {
		size_t best = CONF_NONE;

		for (size_t i = 0; i < route->n_keys; i++) {
			size_t v = s->value_at[route->keys[i]];

			if (choice_on(s, route, v) != choice || v == but)
				continue;
			if (best == CONF_NONE || is_better(choice, v,
			    s->value_at[best]))
				best = route->keys[i];
		}
		if (best != CONF_NONE)
			return best;
	}
	return CONF_NONE;
}

bool
oracle_is_kept_from_proxies(size_t value)
{
	unsigned facts = memory != NULL ? decision_of(value).facts : 0;

	return values[value].disabled || ((facts & KEY_OFF_EXPIRED) != 0 &&
	    (facts & KEY_DOUBTED) == 0);
}

/* Another key would need another connection, and so a tunnel. */
static bool
way_is_barred(const struct setting *s, const struct conf_upstream *u)
{
	return u->proxy.host != NULL && u->proxy.key != CONF_NONE &&
	    oracle_is_kept_from_proxies(s->value_at[u->proxy.key]);
}

size_t
oracle_second_key(const struct setting *s, const struct conf_route *route,
    size_t but)
{
	size_t key = oracle_key(s, route, but);

	return key != CONF_NONE && choice_of(s->value_at[key]) == USABLE &&
	    !way_is_barred(s, &s->conf.upstreams[route->upstream]) &&
	    setting_value_is_for(s->value_at[key],
	    s->upstreams[route->upstream].host) ? key : CONF_NONE;
}

bool
oracle_key_is_off(const struct setting *s, size_t key)
{
	return (decision_of(s->value_at[key]).facts & KEY_OFF) != 0;
}

bool
oracle_was_disabled_since(size_t value, int64_t at)
{
	return values[value].disabled_ns >= at;
}

bool
oracle_was_obeyed_since(size_t value, int64_t at)
{
	return oracle_was_disabled_since(value, at - BEAT);
}

uint64_t
oracle_decisions(void)
{
	return memory != NULL ? stats_decisions(memory) : 0;
}

static struct request *
request_of_text(struct text t)
{
	uint64_t n;

	return text_parse_u64(t, UINT32_MAX, &n) ? request_of_number(n) :
	    NULL;
}

/* Two were sent, and it is the first one's turn again. */
static bool
is_the_first_again(const struct pick *p, const struct request *r)
{
	return r != NULL && r->n_sent > 1 && r->sent[0].key == p->key &&
	    r->sent[r->n_sent - 1].key == p->tried;
}

/*
 * For a second try one that is not off at all, or else whichever serves; and
 * where two were sent no third one.
 */
static size_t
expected_key(const struct setting *s, const struct pick *p,
    const struct request *r)
{
	size_t second;

	if (p->tried == CONF_NONE)
		return oracle_key(s, p->route, CONF_NONE);
	if (is_the_first_again(p, r))
		return oracle_key_is_off(s, p->key) ? CONF_NONE : p->key;
	second = oracle_second_key(s, p->route, s->value_at[p->tried]);
	return second != CONF_NONE ? second : oracle_key(s, p->route,
	    CONF_NONE);
}

static void
it_is_the_one(const struct setting *s, const struct pick *p,
    const struct request *r)
{
	size_t expected = expected_key(s, p, r);

	must(p->key == expected, "route %s: key %s is picked, not %s",
	    p->route->name, s->conf.keys[p->key].name, expected !=
	    CONF_NONE ? s->conf.keys[expected].name : "none");
}

void
oracle_on_pick(const struct pick *p)
{
	const struct setting *s = worker_facts(p->worker)->setting;
	struct request *r;

	if (p->probe) {
		must(!values[s->value_at[p->key]].disabled, "key %s: is "
		    "disabled, and probed", s->conf.keys[p->key].name);
		must(!p->asks, "key %s: a probe is to wait for its quota",
		    s->conf.keys[p->key].name);
		return;
	}
	r = text_starts_with(p->request_id, TEXT("r")) ?
	    request_of_text(text_range(p->request_id.p + 1,
	    p->request_id.p + p->request_id.n)) : NULL;
	it_is_the_one(s, p, r);
	if (r == NULL)
		return;
	r->key = p->key;
	r->tried |= p->tried != CONF_NONE;
	/* What was sent in between may have been lost with its connection. */
	r->came_back |= p->tried != CONF_NONE &&
	    (s->value_at[p->key] == s->value_at[p->tried] ||
	    is_the_first_again(p, r));
}

/* -- what leaves -- */

void	__real_codec_send_head(struct codec *, stream_id, const struct head *,
	    bool);
void	__wrap_codec_send_head(struct codec *, stream_id, const struct head *,
	    bool);

static struct text
field_of(const struct head *h, struct text name)
{
	for (size_t i = 0; i < h->fields.n; i++) {
		if (text_eq_nocase(h->fields.v[i].name, name))
			return h->fields.v[i].value;
	}
	return TEXT("");
}

/* The number of the value in a head. */
static size_t
value_in(struct text t)
{
	const char *at = memmem(t.p, t.n, KEY_MARK, sizeof(KEY_MARK) - 1);

	return at == NULL ? CONF_NONE :
	    setting_value_of(text_range(at, t.p + t.n));
}

static void
a_head_leaves(const struct head *h)
{
	struct text id = field_of(h, TEXT("X-Sim"));
	struct text t = field_of(h, TEXT("Authorization"));
	struct request *r = request_of_text(id);
	size_t v;

	if (value_in(t) == CONF_NONE)
		t = field_of(h, TEXT("X-Own-Key"));
	v = value_in(t);
	must(v != CONF_NONE, "a request leaves without a key");
	must(!values[v].disabled, "value %zu: is disabled, and used", v);
	if (r == NULL)
		return;
	must(choice_of(v) != NOT_USABLE, "request %u: value %zu is off, and "
	    "used", r->number, v);
	must(r->n_sent < MOST_ATTEMPTS, "request %u: is sent again and again",
	    r->number);
	r->sent[r->n_sent].key = r->key;
	r->sent[r->n_sent++].at = clock_now();
	values[v].sent++;
}

void
__wrap_codec_send_head(struct codec *c, stream_id id, const struct head *h,
    bool end)
{
	if (h->kind == HEAD_REQUEST)
		a_head_leaves(h);
	__real_codec_send_head(c, id, h, end);
}

/* The value in bytes of which some came before, if all of it is there. */
void
oracle_on_key_sent(const struct wire *w, struct text t)
{
	const char *at = t.p, *end = t.p + t.n;

	while ((at = memmem(at, (size_t)(end - at), KEY_MARK,
	    sizeof(KEY_MARK) - 1)) != NULL) {
		size_t v = (size_t)(end - at) < SETTING_VALUE_N ? CONF_NONE :
		    setting_value_of((struct text){ at, SETTING_VALUE_N });

		at++;
		if (v == CONF_NONE)
			continue;
		must(!values[v].obeyed[w->worker] && (!values[v].disabled ||
		    clock_now() - values[v].disabled_ns < BEAT), "wire %u: "
		    "value %zu leaves, long after it was disabled", w->number,
		    v);
	}
}

/* -- what is disabled ends -- */

void
oracle_on_obeyed(unsigned worker)
{
	for (size_t v = 0; v < ALL_VALUES; v++)
		values[v].obeyed[worker] = values[v].disabled;
}

void
oracle_pick_on_time(void)
{
	for (const struct wire *w = wires(); w != NULL; w = w->next) {
		if (!w->upstream || w->link == NULL || w->key == CONF_NONE)
			continue;
		must(!values[w->key].obeyed[w->worker], "wire %u: carries "
		    "value %zu, which is disabled, and is open", w->number,
		    w->key);
	}
}
