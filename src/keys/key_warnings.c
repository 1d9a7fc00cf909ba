/*
 * Warnings of keys; see key_warnings.h.
 */
#include "keys/key_warnings.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/span.h"
#include "policy/key_state.h"
#include "stats/decided.h"
#include "stats/reader.h"

/*
 * What workers learn is seen within this time, and a clock that was set, or a
 * machine that slept.
 */
#define LOOK_NS	(60 * NS_PER_S)

/* A value that the configuration has, under its first name. */
struct value {
	uint32_t number;
	size_t place;			/* of the name among the keys */
	const char *name;
	int64_t created, filed;		/* seconds, or CONF_NO_TIME */
};

struct key_warnings {
	struct stats_memory *memory;
	const struct conf_thresholds *thresholds;
	struct value *values;
	size_t n_values;
	struct key_warned *warned;	/* by number */
	size_t n_warned;
	uint64_t told;			/* how often */
};

struct key_warnings *
key_warnings_new(struct stats_memory *memory)
{
	struct key_warnings *w = xcalloc(1, sizeof(*w));

	w->memory = memory;
	return w;
}

void
key_warnings_free(struct key_warnings *w)
{
	if (w == NULL)
		return;
	free(w->values);
	free(w->warned);
	free(w);
}

/* -- values -- */

/* Numbers are given in order, so there are few more than keys. */
static void
make_room(struct key_warnings *w, uint32_t number)
{
	size_t n = (size_t)number + 1;

	if (n <= w->n_warned)
		return;
	w->warned = xreallocarray(w->warned, n, sizeof(*w->warned));
	while (w->n_warned < n)
		w->warned[w->n_warned++] = (struct key_warned){ .differs = 0 };
}

/* By number; those of one value in the order of its names. */
static int
compare_values(const void *a, const void *b)
{
	const struct value *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return (x->place > y->place) - (x->place < y->place);
}

/* All names of a value have the same life. */
static void
keep_first_names(struct key_warnings *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n_values; i++) {
		if (n == 0 || w->values[n - 1].number != w->values[i].number)
			w->values[n++] = w->values[i];
	}
	w->n_values = n;
}

void
key_warnings_serve(struct key_warnings *w, const struct conf *conf,
    const struct stats_numbers *numbers)
{
	w->thresholds = &conf->expiry.warn;
	free(w->values);
	w->values = xcalloc(conf->n_keys, sizeof(*w->values));
	w->n_values = conf->n_keys;
	for (size_t i = 0; i < conf->n_keys; i++) {
		w->values[i] = (struct value){ .number = numbers->keys[i],
			.place = i, .name = conf->keys[i].name,
			.created = conf->keys[i].created,
			.filed = conf->keys[i].expires };
		make_room(w, numbers->keys[i]);
	}
	qsort(w->values, w->n_values, sizeof(*w->values), compare_values);
	keep_first_names(w);
}

struct key_warned
key_warnings_get(const struct key_warnings *w, uint32_t number)
{
	return number < w->n_warned ? w->warned[number] :
	    (struct key_warned){ .differs = 0 };
}

void
key_warnings_restore(struct key_warnings *w, uint32_t number,
    const struct key_warned *warned)
{
	make_room(w, number);
	w->warned[number] = *warned;
}

uint64_t
key_warnings_told(const struct key_warnings *w)
{
	return w->told;
}

/* -- telling -- */

static void
tell_end(const struct value *v, const struct expiry_warning *due,
    int64_t expires, int64_t now)
{
	char when[CLOCK_TEXT], left[SPAN_TEXT];

	(void)clock_format_s(when, expires);
	log_key(&(struct log_key_event){
		.level = LOG_LEVEL_WARN,
		.action = "key-expiring",
		.key = v->name,
		.expires = when,
	}, "key %s expires in %s, at %s (threshold %s)", v->name,
	    span_format_left(left, expires - now), when,
	    due->threshold->text);
}

static void
tell_difference(struct key_warnings *w, const struct value *v, int64_t told)
{
	struct key_warned *warned = &w->warned[v->number];
	char when[CLOCK_TEXT], filed[CLOCK_TEXT];

	if (v->filed == CONF_NO_TIME || warned->differs == told ||
	    !expiry_differs(v->filed, told))
		return;
	(void)clock_format_s(when, told);
	(void)clock_format_s(filed, v->filed);
	log_warn("key %s: its sealed file says that it expires at %s, the API "
	    "says %s, which counts", v->name, filed, when);
	warned->differs = told;
	w->told++;
}

/* Whether its first threshold is passed, for those who look at its state. */
static void
mark_ending(struct key_warnings *w, uint32_t number,
    const struct key_life *life, int64_t now)
{
	bool ending = expiry_warning_first(w->thresholds, life) <= now;
	struct stats_decision d = stats_decision(w->memory, number);

	if (((d.facts & KEY_ENDING) != 0) == ending)
		return;
	d.facts ^= KEY_ENDING;
	stats_decide(w->memory, number, d);
}

/* Returns when something is due next, by the wall clock in seconds. */
static int64_t
tell_value(struct key_warnings *w, const struct value *v, int64_t now)
{
	struct key_warned *warned = &w->warned[v->number];
	struct key_life life = { .created = v->created,
		.expires = stats_read_counting_end(w->memory, v->number,
		    v->filed) };
	struct expiry_warning due;
	int64_t told;

	if (stats_read_expiry(w->memory, v->number, &told))
		tell_difference(w, v, told);
	due = expiry_warning_due(w->thresholds, &life, now);
	if (expiry_warning_is_new(&warned->expiry, &due, life.expires)) {
		tell_end(v, &due, life.expires, now);
		warned->expiry = (struct expiry_warned){
			.expires = life.expires, .lead = due.lead };
		w->told++;
	}
	mark_ending(w, v->number, &life, now);
	return expiry_warning_next(w->thresholds, &life, now);
}

int64_t
key_warnings_tell(struct key_warnings *w)
{
	int64_t now = clock_wall() / NS_PER_S, next = INT64_MAX;

	for (size_t i = 0; i < w->n_values; i++)
		next = clock_earlier(next, tell_value(w, &w->values[i], now));
	if (w->n_values == 0)
		return INT64_MAX;
	if (next <= now + LOOK_NS / NS_PER_S)
		return clock_monotonic() + next * NS_PER_S - clock_wall();
	return clock_monotonic() + LOOK_NS;
}
