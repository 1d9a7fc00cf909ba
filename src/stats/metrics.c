/*
 * The metrics as text; see metrics.h.
 */
#include "stats/metrics.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/wrap.h"
#include "conf/conf.h"
#include "stats/durations.h"
#include "stats/process.h"
#include "stats/reader.h"
#include "stats/sample.h"
#include "stats/series.h"

struct metrics {
	const struct stats_memory *memory;
	const struct metrics_names *names;
	struct process_probe probe;
	struct stats_process self;	/* what this process uses */
	struct stats_usage usage;	/* of all, as it is written */
	const char **routes;		/* by number; NULL: not shown */
	const enum key_state *states;	/* of the keys, as it is written */
};

enum type { COUNTER, GAUGE, HISTOGRAM };

static const char *const types[] = {
	[COUNTER] = "counter",
	[GAUGE] = "gauge",
	[HISTOGRAM] = "histogram",
};

/* -- requests -- */

/* The name of a route that is shown, or NULL. */
static const char *
route_of(const struct metrics *m, uint32_t number)
{
	return number <= NO_ROUTE ? m->routes[number] : NULL;
}

static void
put_request(struct buf *out, const char *name, const char *route,
    const char *method, const char *code, uint64_t count)
{
	buf_printf(out, "%s{route=\"", name);
	sample_value(out, route);
	buf_printf(out, "\",method=\"%s\",code=\"%s\"} ", method, code);
	sample_number(out, count);
}

static void
write_requests(struct metrics *m, const char *name, struct buf *out)
{
	struct stats_durations d;
	size_t n;
	struct stats_series *v = stats_read_series(m->memory, &n);

	for (size_t i = 0; i < n; i++) {
		const char *route = route_of(m, SERIES_ROUTE(v[i].label));
		unsigned method = SERIES_METHOD(v[i].label);
		char code[16] = "none";

		if (route == NULL || method >= SERIES_METHODS)
			continue;
		if (SERIES_STATUS(v[i].label) != 0)
			(void)snprintf(code, sizeof(code), "%u",
			    (unsigned)SERIES_STATUS(v[i].label));
		put_request(out, name, route, series_method_name(method),
		    code, v[i].count);
	}
	free(v);
	for (uint32_t i = 0; i <= NO_ROUTE; i++) {
		if (m->routes[i] != NULL &&
		    stats_read_durations(m->memory, i, &d) && d.others != 0)
			put_request(out, name, m->routes[i], "other", "other",
			    d.others);
	}
}

static void
put_bucket(struct buf *out, const char *name, const char *route,
    const char *bound, uint64_t count)
{
	buf_printf(out, "%s_bucket{route=\"", name);
	sample_value(out, route);
	buf_printf(out, "\",le=\"%s\"} ", bound);
	sample_number(out, count);
}

static void
put_durations(struct buf *out, const char *name, const char *route,
    const struct stats_durations *d)
{
	uint64_t count = 0;
	char bound[32];

	for (unsigned i = 0; i < DURATIONS; i++) {
		count += d->each[i];
		(void)snprintf(bound, sizeof(bound), "%g",
		    (double)durations_ms[i] / 1000);
		put_bucket(out, name, route, bound, count);
	}
	count += d->each[DURATIONS];
	put_bucket(out, name, route, "+Inf", count);
	buf_append_text(out, text_of(name));
	sample_labelled(out, "_sum", "route", route);
	sample_seconds(out, d->sum_ns);
	buf_append_text(out, text_of(name));
	sample_labelled(out, "_count", "route", route);
	sample_number(out, count);
}

static void
write_request_duration(struct metrics *m, const char *name, struct buf *out)
{
	struct stats_durations d;

	for (uint32_t i = 0; i <= NO_ROUTE; i++) {
		if (m->routes[i] == NULL)
			continue;
		(void)stats_read_durations(m->memory, i, &d);
		put_durations(out, name, m->routes[i], &d);
	}
}

static void
write_faults(struct metrics *m, const char *name, struct buf *out)
{
	for (enum fault f = FAULT_NONE + 1; f < FAULT_COUNT; f++) {
		sample_labelled(out, name, "fault", fault_code(f));
		sample_number(out, stats_read_fault(m->memory, f));
	}
}

/* -- keys -- */

static void
write_key_expiration(struct metrics *m, const char *name, struct buf *out)
{
	for (size_t i = 0; i < m->names->n_keys; i++) {
		const struct metrics_key *key = &m->names->keys[i];
		int64_t expires = stats_read_counting_end(m->memory,
		    key->number, key->expires);

		if (expires == CONF_NO_TIME)
			continue;
		sample_labelled(out, name, "key", key->name);
		sample_time(out, expires);
	}
}

static void
write_key_last_used(struct metrics *m, const char *name, struct buf *out)
{
	for (size_t i = 0; i < m->names->n_keys; i++) {
		const struct metrics_key *key = &m->names->keys[i];
		int64_t last = stats_read_key(m->memory,
		    key->number).last_used;

		if (last == 0)
			continue;
		sample_labelled(out, name, "key", key->name);
		sample_time(out, last);
	}
}

static void
write_key_requests(struct metrics *m, const char *name, struct buf *out)
{
	for (size_t i = 0; i < m->names->n_keys; i++) {
		const struct metrics_key *key = &m->names->keys[i];

		sample_labelled(out, name, "key", key->name);
		sample_number(out, stats_read_key(m->memory,
		    key->number).requests);
	}
}

static void
write_upstream_ratelimit_remaining(struct metrics *m, const char *name,
    struct buf *out)
{
	struct stats_quota q;

	for (size_t i = 0; i < m->names->n_keys; i++) {
		const struct metrics_key *key = &m->names->keys[i];

		if (!stats_read_quota(m->memory, key->number, &q))
			continue;
		sample_labelled(out, name, "key", key->name);
		sample_number(out, q.remaining);
	}
}

static void
put_state(struct buf *out, const char *name, const char *key,
    enum key_state state, bool holds)
{
	buf_printf(out, "%s{key=\"", name);
	sample_value(out, key);
	buf_printf(out, "\",state=\"%s\"} ", key_state_name(state));
	sample_number(out, holds);
}

static void
write_key_state(struct metrics *m, const char *name, struct buf *out)
{
	for (size_t i = 0; i < m->names->n_keys; i++) {
		for (unsigned s = 0; s < KEY_STATES; s++)
			put_state(out, name, m->names->keys[i].name,
			    (enum key_state)s, s == m->states[i]);
	}
}

static void
write_key_rejected(struct metrics *m, const char *name, struct buf *out)
{
	for (size_t i = 0; i < m->names->n_keys; i++) {
		const struct metrics_key *key = &m->names->keys[i];

		sample_labelled(out, name, "key", key->name);
		sample_number(out, stats_read_key(m->memory,
		    key->number).rejected);
	}
}

static void
write_key_probes(struct metrics *m, const char *name, struct buf *out)
{
	for (size_t i = 0; i < m->names->n_keys; i++) {
		const struct metrics_key *key = &m->names->keys[i];
		struct stats_key_facts f = stats_read_key(m->memory,
		    key->number);

		for (unsigned a = 0; a < KEY_ANSWERS; a++) {
			buf_printf(out, "%s{key=\"", name);
			sample_value(out, key->name);
			buf_printf(out, "\",result=\"%s\"} ",
			    key_answer_name((enum key_answer)a));
			sample_number(out, f.probes[a]);
		}
	}
}

/* -- connections -- */

static void
put_connections(struct buf *out, const char *name, const char *upstream,
    const char *state, uint64_t count)
{
	buf_printf(out, "%s{upstream=\"", name);
	sample_value(out, upstream);
	buf_printf(out, "\",state=\"%s\"} ", state);
	sample_number(out, count);
}

static void
write_upstream_connections(struct metrics *m, const char *name,
    struct buf *out)
{
	for (size_t i = 0; i < m->names->n_upstreams; i++) {
		const struct metrics_name *u = &m->names->upstreams[i];
		struct stats_connected c = stats_read_connections(m->memory,
		    u->number);

		put_connections(out, name, u->name, "idle", c.idle);
		put_connections(out, name, u->name, "busy", c.busy);
	}
}

static void
write_clients(struct metrics *m, const char *name, struct buf *out)
{
	for (size_t i = 0; i < m->names->n_listeners; i++) {
		const struct metrics_name *l = &m->names->listeners[i];

		sample_labelled(out, name, "listener", l->name);
		sample_number(out, stats_read_clients(m->memory, l->number));
	}
}

static void
write_ends(const char *name, const char *label, const struct metrics_end *v,
    size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		sample_labelled(out, name, label, v[i].name);
		sample_time(out, v[i].until);
	}
}

static void
write_certificate(struct metrics *m, const char *name, struct buf *out)
{
	write_ends(name, "listener", m->names->certificates,
	    m->names->n_certificates, out);
}

static void
write_upstream_certificate(struct metrics *m, const char *name,
    struct buf *out)
{
	write_ends(name, "upstream", m->names->presented,
	    m->names->n_presented, out);
}

static void
write_listener_files_refused(struct metrics *m, const char *name,
    struct buf *out)
{
	for (size_t i = 0; i < m->names->n_watched; i++) {
		sample_labelled(out, name, "listener",
		    m->names->watched[i].listener);
		sample_number(out, m->names->watched[i].refused);
	}
}

/* -- the daemon -- */

static void
put_plain(struct buf *out, const char *name, uint64_t number)
{
	buf_printf(out, "%s ", name);
	sample_number(out, number);
}

static void
write_log_lost(struct metrics *m, const char *name, struct buf *out)
{
	put_plain(out, name, stats_read_log_lost(m->memory));
}

static void
write_worker_restarts(struct metrics *m, const char *name, struct buf *out)
{
	put_plain(out, name, stats_read_restarts(m->memory));
}

static void
write_config_reload(struct metrics *m, const char *name, struct buf *out)
{
	struct stats_loads l = stats_read_loads(m->memory);

	sample_labelled(out, name, "result", "success");
	sample_number(out, l.done);
	sample_labelled(out, name, "result", "failure");
	sample_number(out, l.refused);
}

static void
write_config_good(struct metrics *m, const char *name, struct buf *out)
{
	put_plain(out, name, stats_read_loads(m->memory).good);
}

static void
write_config_loaded(struct metrics *m, const char *name, struct buf *out)
{
	buf_printf(out, "%s ", name);
	sample_time(out, stats_read_loads(m->memory).loaded);
}

static void
write_build_info(struct metrics *m, const char *name, struct buf *out)
{
	sample_labelled(out, name, "version", m->names->version);
	sample_number(out, 1);
}

/* -- processes -- */

static void
write_cpu(struct metrics *m, const char *name, struct buf *out)
{
	buf_printf(out, "%s ", name);
	sample_seconds(out, m->usage.cpu_ns);
}

static void
write_resident(struct metrics *m, const char *name, struct buf *out)
{
	put_plain(out, name, m->usage.resident);
}

static void
write_descriptors(struct metrics *m, const char *name, struct buf *out)
{
	put_plain(out, name, m->usage.descriptors);
}

static void
write_started(struct metrics *m, const char *name, struct buf *out)
{
	buf_printf(out, "%s ", name);
	sample_seconds(out, (uint64_t)m->usage.started_ns);
}

/* What all use.  This process has no slot for it. */
static void
look_at_usage(struct metrics *m)
{
	process_probe_note(&m->probe, &m->self, clock_monotonic());
	m->usage = stats_read_usage(m->memory);
	m->usage.resident += atomic_load(&m->self.resident);
	m->usage.descriptors += atomic_load(&m->self.descriptors);
}

/* -- all -- */

static const struct row {
	const char *name;
	enum type type;
	const char *labels, *help;
	void (*write)(struct metrics *, const char *name, struct buf *);
} rows[] = {
#define METRIC(id, name, type, labels, help) \
	{ name, type, labels, help, write_##id },
#include "stats/metrics.tbl"
#undef METRIC
};

#define ROWS	(sizeof(rows) / sizeof(rows[0]))

void
metrics_write(struct metrics *m, const enum key_state *states, struct buf *out)
{
	m->states = states;
	look_at_usage(m);
	for (size_t i = 0; i < ROWS; i++) {
		const struct row *r = &rows[i];

		buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", r->name,
		    r->help, r->name, types[r->type]);
		r->write(m, r->name, out);
	}
}

void
metrics_print_reference(FILE *out)
{
	for (size_t i = 0; i < ROWS; i++) {
		const struct row *r = &rows[i];

		(void)fprintf(out, "%s\n    %s%s%s\n    ", r->name,
		    types[r->type], r->labels[0] != '\0' ? ", by " : "",
		    r->labels);
		wrap_print(r->help, 4, 4, out);
	}
}

struct metrics *
metrics_new(const struct stats_memory *memory,
    const struct metrics_names *names)
{
	struct metrics *m = xcalloc(1, sizeof(*m));

	m->memory = memory;
	m->names = names;
	m->routes = xcalloc(NO_ROUTE + 1, sizeof(*m->routes));
	for (size_t i = 0; i < names->n_routes; i++)
		m->routes[names->routes[i].number] = names->routes[i].name;
	m->routes[NO_ROUTE] = "";
	process_probe_open(&m->probe);
	return m;
}

void
metrics_free(struct metrics *m)
{
	if (m == NULL)
		return;
	process_probe_close(&m->probe);
	free(m->routes);
	free(m);
}
