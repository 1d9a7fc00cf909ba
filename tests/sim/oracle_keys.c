/*
 * Oracles for the life of keys.  What the key keeper decides is compared with
 * what people ordered and the API answered to probes; the key that is picked
 * for a request with the one that these decisions leave, by a rule of its own;
 * and nothing may leave with a value after it was switched off (-Wl,--wrap).
 */
#include "oracle.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "client.h"
#include "clock.h"
#include "history.h"
#include "http/codec.h"
#include "pick.h"
#include "policy/key_state.h"
#include "stats/decided.h"
#include "stats/numbers.h"
#include "stats/reader.h"
#include "worker.h"

/* How long the last key of a route serves when it was rejected. */
#define GRACE		(60 * NS_PER_S)

/* A worker that misses a message looks once a second. */
#define BEAT		(1100 * NS_PER_MS)

/* That a key's end was told may be under way to the parent. */
#define TOLD		(10 * NS_PER_MS)

static struct {
	const struct stats_memory *memory;
	struct stats_decision before;	/* as it was looked at last */
	bool met;
	uint32_t number;		/* in the memory */
	bool disabled;			/* by an order */
	int64_t disabled_ns;
	unsigned refused[CLOCK_BASES], accepted[CLOCK_BASES];	/* probes of
					   that worker, by the API, of which
					   the parent has not heard */
	int64_t told, told_ns;		/* its end, and when that was seen */
	unsigned asked;			/* 1 + the worker that probes it, for
					   this: */
	unsigned long long question;
	int64_t suspected[CLOCK_BASES];	/* when it told that, by clock_boot() */
	uint64_t sent;			/* heads of clients' requests */
	uint64_t refusals;		/* answers that say it is invalid */
	uint64_t probed[KEY_ANSWERS];
	bool obeyed[CLOCK_BASES];	/* that worker knows it is disabled */
} values[ALL_VALUES];
static const struct stats_memory *memory;	/* NULL: the parent has ended */
static unsigned hearing = NOBODY;	/* the worker whose word is heard */
static size_t value_of[ALL_VALUES];	/* by number */

void
oracle_keys_begin(const struct stats_memory *m)
{
	memset(values, 0, sizeof(values));
	memory = m;
	oracle_quota_begin();
}

void
oracle_on_met(const struct setting *s, const struct stats_numbers *n)
{
	for (size_t i = 0; i < s->conf.n_keys; i++) {
		size_t v = s->value_at[i];

		must(!values[v].met || values[v].number == n->keys[i],
		    "value %zu has two numbers", v);
		must(n->keys[i] < ALL_VALUES, "too many numbers of keys");
		values[v].met = true;
		values[v].number = n->keys[i];
		value_of[n->keys[i]] = v;
	}
}

static struct stats_decision
decision_of(size_t value)
{
	return stats_decision(memory, values[value].number);
}

/* -- what is decided -- */

static void
it_is_disabled_by_orders_only(size_t v, const struct stats_decision *d)
{
	must(((d->facts & KEY_OFF_DISABLED) != 0) == values[v].disabled,
	    "value %zu: is%s disabled, and nobody ordered that", v,
	    values[v].disabled ? " not" : "");
}

static void
only_a_probe_rejects(size_t v, const struct stats_decision *d)
{
	bool was = (values[v].before.facts & KEY_OFF_REJECTED) != 0;
	bool is = (d->facts & KEY_OFF_REJECTED) != 0;

	if (is && !was) {
		must(hearing != NOBODY && values[v].refused[hearing] != 0,
		    "value %zu: is rejected, and the API refused no probe",
		    v);
		must(d->rejected_ns == clock_boot(), "value %zu: was rejected "
		    "at another time", v);
	}
	must(is || !was || (hearing != NOBODY &&
	    values[v].accepted[hearing] != 0), "value %zu: is rejected no "
	    "more, and the API accepted no probe", v);
}

/* What the API told counts, else what some file has. */
static void
it_expires_by_its_end_only(size_t v, const struct stats_decision *d)
{
	bool was = (values[v].before.facts & KEY_OFF_EXPIRED) != 0;
	bool is = (d->facts & KEY_OFF_EXPIRED) != 0;
	int64_t told, outlived, now = clock_wall() / NS_PER_S;

	stats_read_end(memory, values[v].number, &told, &outlived);
	if (is && !was && told != CONF_NO_TIME)
		must(told <= now, "value %zu: is expired before its end", v);
	must(is || !was || told == CONF_NO_TIME || told > now, "value %zu: "
	    "its end has passed, and it is expired no more", v);
}

static enum key_state
expected_state(unsigned facts)
{
	if ((facts & KEY_OFF_DISABLED) != 0)
		return KEY_STATE_DISABLED;
	if ((facts & KEY_OFF_REJECTED) != 0)
		return KEY_STATE_REJECTED;
	if ((facts & KEY_OFF_EXPIRED) != 0)
		return KEY_STATE_EXPIRED;
	return KEY_STATE_UNUSED;
}

void
oracle_on_decided(void)
{
	for (size_t v = 0; v < ALL_VALUES; v++) {
		struct stats_decision d;

		if (!values[v].met)
			continue;
		d = decision_of(v);
		if (d.facts == values[v].before.facts &&
		    d.promoted == values[v].before.promoted)
			continue;
		history("value %zu: %x, promoted %u", v, d.facts, d.promoted);
		it_is_disabled_by_orders_only(v, &d);
		only_a_probe_rejects(v, &d);
		it_expires_by_its_end_only(v, &d);
		must(d.promoted == values[v].before.promoted, "value %zu: "
		    "nobody promoted it", v);
		must(key_state_of(d.facts & KEY_OFF) ==
		    expected_state(d.facts), "value %zu: its state is %s", v,
		    key_state_name(key_state_of(d.facts)));
		values[v].before = d;
	}
}

/* The one that was promoted last is the first. */
static void
it_is_promoted(size_t value)
{
	uint32_t promoted = decision_of(value).promoted;

	for (size_t v = 0; v < ALL_VALUES; v++)
		must(v == value || !values[v].met ||
		    decision_of(v).promoted < promoted, "value %zu: was "
		    "promoted, and is not the first", value);
	values[value].before.promoted = promoted;
}

void
oracle_on_order(enum key_order order, size_t value, bool done)
{
	switch (order) {
	case KEY_ORDER_DISABLE:
		must(done, "value %zu: could not be disabled", value);
		if (!values[value].disabled)
			values[value].disabled_ns = clock_now();
		values[value].disabled = true;
		break;
	case KEY_ORDER_ENABLE:
		must(done, "value %zu: could not be enabled", value);
		values[value].disabled = false;
		for (size_t i = 0; i < CLOCK_BASES; i++)
			values[value].obeyed[i] = false;
		break;
	case KEY_ORDER_PROMOTE:
		must(!done || (decision_of(value).facts & KEY_OFF) == 0,
		    "value %zu: is off, and was promoted", value);
		if (done)
			it_is_promoted(value);
		break;
	}
	it_is_disabled_by_orders_only(value,
	    &(struct stats_decision){ decision_of(value).facts, 0, 0 });
	oracle_on_decided();
}

/* -- probes -- */

void
oracle_on_asked(uint32_t number, unsigned worker, unsigned long long question)
{
	size_t v = value_of[number];

	values[v].asked = worker + 1;
	values[v].question = question;
	must(!values[v].disabled, "value %zu: is disabled, and to be probed",
	    v);
}

void
oracle_on_lost(unsigned worker)
{
	for (size_t v = 0; v < ALL_VALUES; v++) {
		if (values[v].asked == worker + 1)
			values[v].asked = 0;
	}
}

void
oracle_on_takeover(void)
{
	for (size_t v = 0; v < ALL_VALUES; v++)
		values[v].asked = 0;
}

/*
 * The end of some file has passed: that it is rejected says no more than that
 * this file is right.
 */
static bool
is_over_by_a_file(size_t v)
{
	for (unsigned i = 0; i < settings(); i++) {
		const struct setting *s = setting_of(i);

		for (size_t k = 0; k < s->conf.n_keys; k++) {
			if (s->value_at[k] == v && s->keys[k].expires !=
			    CONF_NO_TIME && s->keys[k].expires <=
			    clock_wall() / NS_PER_S)
				return true;
		}
	}
	return false;
}

void
oracle_on_probed_heard(unsigned worker, uint32_t number,
    unsigned long long question, enum key_answer answer)
{
	size_t v = value_of[number];
	bool rejected;

	hearing = worker;
	oracle_on_decided();
	hearing = NOBODY;
	if (answer == KEY_REJECTED)
		values[v].refused[worker]--;
	else if (answer == KEY_ACCEPTED)
		values[v].accepted[worker]--;
	rejected = (decision_of(v).facts & KEY_OFF_REJECTED) != 0;
	if (values[v].asked == 0 || values[v].question != question)
		return;
	values[v].asked = 0;
	must(answer != KEY_ACCEPTED || !rejected, "value %zu: is accepted by "
	    "the API, and stays rejected", v);
	must(answer != KEY_REJECTED || rejected || is_over_by_a_file(v),
	    "value %zu: is rejected by the API, and serves", v);
}

void
oracle_on_probe_answer(unsigned worker, size_t value, unsigned status,
    bool refuses)
{
	if (refuses)
		values[value].refused[worker]++;
	else if (status < 300 || status == 400 || status == 403 ||
	    status == 405)
		values[value].accepted[worker]++;
}

void
oracle_on_probed(unsigned worker, const char *text)
{
	const struct setting *s = worker_facts(worker)->setting;
	char word[16] = "";
	enum key_answer answer;
	size_t key, upstream;

	must(sscanf(text, "%zu %zu %*u %15s", &key, &upstream, word) == 3 &&
	    key < s->conf.n_keys && key_answer_parse(word, &answer),
	    "worker %u: tells nonsense of a probe: %s", worker, text);
	values[s->value_at[key]].probed[answer]++;
}

/* -- suspicion -- */

/* How often a worker tells of a key. */
#define TELL_EVERY	NS_PER_S

void
oracle_on_suspected(unsigned worker, const char *text)
{
	const struct setting *s = worker_facts(worker)->setting;
	size_t key, upstream;

	must(sscanf(text, "%zu %zu", &key, &upstream) == 2 &&
	    key < s->conf.n_keys, "worker %u: tells nonsense of a suspect: "
	    "%s", worker, text);
	values[s->value_at[key]].suspected[worker] = clock_boot();
}

bool
oracle_is_suspected(unsigned worker, size_t value, int64_t since_boot)
{
	return values[value].suspected[worker] != 0 &&
	    values[value].suspected[worker] >= since_boot - TELL_EVERY;
}

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

			if (choice_of(v) != choice || v == but)
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

size_t
oracle_second_key(const struct setting *s, const struct conf_route *route,
    size_t but)
{
	size_t key = oracle_key(s, route, but);

	return key != CONF_NONE && choice_of(s->value_at[key]) == USABLE &&
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

/* For a second try only one that is not off at all. */
static void
it_is_the_one(const struct setting *s, const struct pick *p)
{
	size_t tried = p->tried == CONF_NONE ? CONF_NONE :
	    s->value_at[p->tried];
	size_t expected = oracle_key(s, p->route, tried);

	must(p->key == expected, "route %s: key %s is picked, not %s",
	    p->route->name, s->conf.keys[p->key].name, expected !=
	    CONF_NONE ? s->conf.keys[expected].name : "none");
	must(tried == CONF_NONE || !oracle_key_is_off(s, p->key),
	    "route %s: key %s is off, and gets a second try",
	    p->route->name, s->conf.keys[p->key].name);
}

void
oracle_on_pick(const struct pick *p)
{
	const struct setting *s = worker_facts(p->worker)->setting;
	struct request *r;

	if (p->probe) {
		must(!values[s->value_at[p->key]].disabled, "key %s: is "
		    "disabled, and probed", s->conf.keys[p->key].name);
		return;
	}
	it_is_the_one(s, p);
	r = text_starts_with(p->request_id, TEXT("r")) ?
	    request_of_text(text_range(p->request_id.p + 1,
	    p->request_id.p + p->request_id.n)) : NULL;
	if (r == NULL)
		return;
	r->key = p->key;
	r->tried |= p->tried != CONF_NONE;
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
	r->sent[r->n_sent++] = r->key;
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

static void
ends_are_decided(void)
{
	int64_t told, outlived, now = clock_wall() / NS_PER_S;

	for (size_t v = 0; v < ALL_VALUES; v++) {
		if (!values[v].met)
			continue;
		stats_read_end(memory, values[v].number, &told, &outlived);
		if (told != values[v].told) {
			values[v].told = told;
			values[v].told_ns = clock_now();
		}
		if (told == CONF_NO_TIME || told == now ||
		    clock_now() - values[v].told_ns < TOLD)
			continue;
		must(((decision_of(v).facts & KEY_OFF_EXPIRED) != 0) ==
		    (told < now), "value %zu: its end was told, and it is%s "
		    "expired", v, told < now ? " not" : "");
	}
}

void
oracle_keys_on_time(void)
{
	if (memory != NULL && mood()->keys_change && clients_are_left())
		ends_are_decided();
	for (const struct wire *w = wires(); w != NULL; w = w->next) {
		if (!w->upstream || w->link == NULL || w->key == CONF_NONE)
			continue;
		must(!values[w->key].obeyed[w->worker], "wire %u: carries "
		    "value %zu, which is disabled, and is open", w->number,
		    w->key);
	}
}

/* -- the end of the run -- */

void
oracle_keys_on_refusal(size_t value)
{
	values[value].refusals++;
}

static void
what_is_counted_happened(size_t v)
{
	const struct stats_key_facts f = stats_read_key(memory,
	    values[v].number);

	must(f.requests == values[v].sent, "value %zu: %llu requests are "
	    "counted, %llu were sent", v, (unsigned long long)f.requests,
	    (unsigned long long)values[v].sent);
	must(f.rejected <= values[v].refusals, "value %zu: %llu refusals are "
	    "counted, the API said %llu", v, (unsigned long long)f.rejected,
	    (unsigned long long)values[v].refusals);
	must(f.carried == 0, "value %zu: is carried by nobody, by what is "
	    "counted by %llu", v, (unsigned long long)f.carried);
	for (unsigned i = 0; i < KEY_ANSWERS; i++)
		must(f.probes[i] == values[v].probed[i], "value %zu: probes "
		    "are counted that were not, or the other way round", v);
}

void
oracle_keys_end(void)
{
	for (size_t v = 0; v < ALL_VALUES; v++) {
		if (values[v].met)
			what_is_counted_happened(v);
	}
	memory = NULL;
}
