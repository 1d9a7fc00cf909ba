/*
 * Oracles for the life of keys: what the key keeper decides is compared with
 * what people ordered, and with what the API told and answered to probes.
 */
#include "oracle_keys_own.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "history.h"
#include "keys.h"
#include "policy/key_state.h"
#include "stats/numbers.h"
#include "stats/reader.h"
#include "truth.h"
#include "worker.h"

/* Nobody waits longer for an answer, as after the machine was suspended. */
#define GIVEN_UP	(40 * NS_PER_S)

/* That a key's end was told may be under way to the parent. */
#define TOLD		(10 * NS_PER_MS)

struct value_seen values[ALL_VALUES];
const struct stats_memory *memory;
static unsigned hearing = NOBODY;	/* the worker whose word is heard */
static size_t value_of[ALL_VALUES];	/* by number */

void
oracle_keys_begin(const struct stats_memory *m)
{
	memset(values, 0, sizeof(values));
	memory = m;
	oracle_quota_begin();
	oracle_gates_begin();
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
	int64_t told = stats_read_end(memory, values[v].number);
	int64_t now = clock_wall() / NS_PER_S;

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

/*
 * The one that was promoted last is the first; or it was so already in each of
 * its routes, and nothing changed.
 */
static void
it_is_promoted(size_t value)
{
	uint32_t promoted = decision_of(value).promoted;

	if (promoted != 0 && promoted == values[value].before.promoted)
		return;
	for (size_t v = 0; v < ALL_VALUES; v++)
		must(v == value || !values[v].met ||
		    decision_of(v).promoted < promoted, "value %zu: was "
		    "promoted, and is not the first", value);
	values[value].before.promoted = promoted;
}

static void
follow_order(enum key_order order, size_t value, bool done)
{
	switch (order) {
	case KEY_ORDER_DISABLE:
		must(done, "value %zu: could not be disabled", value);
		if (!values[value].disabled)
			values[value].disabled_ns = clock_now();
		values[value].disabled = true;
		/* What is said to that counts no more. */
		values[value].asked = 0;
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
}

void
oracle_on_order(enum key_order order, const size_t *about, size_t n,
    bool done)
{
	for (size_t i = 0; i < n; i++)
		follow_order(order, about[i], done);
	oracle_on_decided();
}

/* -- probes -- */

void
oracle_on_asked(uint32_t number, unsigned worker, unsigned long long question)
{
	size_t v = value_of[number];

	values[v].asked = worker + 1;
	values[v].question = question;
	values[v].asked_ns = clock_boot();
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
 * The end that was told has passed, or that of some file: that it is rejected
 * says no more than that this end is right.
 */
static bool
is_over_by_any(size_t v)
{
	const int64_t told = stats_read_end(memory, values[v].number);

	if (told != CONF_NO_TIME && told <= clock_wall() / NS_PER_S)
		return true;
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

/* Then each of them is asked before it is rejected. */
static bool
has_several_upstreams(size_t v)
{
	for (unsigned i = 0; i < settings(); i++) {
		const struct conf *conf = &setting_of(i)->conf;
		size_t first = SIZE_MAX;

		for (size_t r = 0; r < conf->n_routes; r++) {
			const struct conf_route *route = &conf->routes[r];

			for (size_t j = 0; j < route->n_keys; j++) {
				if (setting_of(i)->value_at[route->keys[j]] !=
				    v)
					continue;
				if (first == SIZE_MAX)
					first = route->upstream;
				if (route->upstream != first)
					return true;
			}
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
	else if (answer == KEY_ACCEPTED || answer == KEY_ASTRAY)
		values[v].accepted[worker]--;
	rejected = (decision_of(v).facts & KEY_OFF_REJECTED) != 0;
	if (values[v].asked == 0 || values[v].question != question)
		return;
	values[v].asked = 0;
	if (clock_boot() - values[v].asked_ns >= GIVEN_UP)
		return;
	must(answer != KEY_ACCEPTED || !rejected, "value %zu: is accepted by "
	    "the API, and stays rejected", v);
	must(answer != KEY_REJECTED || rejected || is_over_by_any(v) ||
	    has_several_upstreams(v),
	    "value %zu: is rejected by the API, and serves", v);
}

void
oracle_on_probe_answer(unsigned worker, size_t value, unsigned status,
    bool refuses)
{
	if (refuses)
		values[value].refused[worker]++;
	else if (status < 300 || status == 400 || status == 403 ||
	    status == 404 || status == 405)
		values[value].accepted[worker]++;
}

void
oracle_on_probed(unsigned worker, const char *text)
{
	const struct setting *s = worker_facts(worker)->setting;
	char word[16] = "";
	enum key_answer answer;
	size_t key, upstream;

	must(sscanf(text, "%zu %zu %*u %*d %15s", &key, &upstream, word) == 3 &&
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
	struct value_seen *v;

	must(sscanf(text, "%zu %zu", &key, &upstream) == 2 &&
	    key < s->conf.n_keys, "worker %u: tells nonsense of a suspect: "
	    "%s", worker, text);
	v = &values[s->value_at[key]];
	v->suspected[worker] = clock_boot();
	must(++v->suspicions <= v->refusals + v->over, "value %zu: is "
	    "suspected, and the API said nothing against it",
	    s->value_at[key]);
}

bool
oracle_is_suspected(unsigned worker, size_t value, int64_t since_boot)
{
	return values[value].suspected[worker] != 0 &&
	    values[value].suspected[worker] >= since_boot - TELL_EVERY;
}

/* -- time -- */

static void
ends_are_decided(void)
{
	int64_t told, now = clock_wall() / NS_PER_S;

	for (size_t v = 0; v < ALL_VALUES; v++) {
		if (!values[v].met)
			continue;
		told = stats_read_end(memory, values[v].number);
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
	if (memory != NULL && mood()->keys_change && keys_are_watched())
		ends_are_decided();
	oracle_pick_on_time();
}

/* -- the end of the run -- */

void
oracle_keys_on_refusal(size_t value)
{
	values[value].refusals++;
}

void
oracle_keys_on_end_told(size_t value)
{
	values[value].over += truth_expires(value) <= clock_wall() / NS_PER_S;
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
