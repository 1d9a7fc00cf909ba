/*
 * stats/metrics: the text, whole, and that Prometheus' own tool has nothing to
 * say about it where that is installed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "stats/counting.h"
#include "stats/metrics.h"
#include "stats/stats.h"
#include "stats_conf.h"

#define ODD	"a\\b\"c\nd"

struct world {
	struct conf *conf;
	struct stats_memory *memory;
	struct stats *stats;
	struct metrics_key keys[2];
	enum key_state states[2];
	struct metrics_name listener, upstream, routes[2];
	struct metrics_end ends[2];
	struct metrics_watched watched[2];
	struct metrics_names names;
	struct buf text;
};

static int
setup(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));
	const struct stats_numbers *n;
	char why[256];

	w->conf = stats_conf(1, 2, 2, 0);
	w->memory = stats_memory_new(2, why, sizeof(why));
	w->stats = stats_new(w->memory, w->conf, why, sizeof(why));
	stats_enter(w->stats, 0);
	n = stats_numbers(w->stats);
	for (size_t i = 0; i < 2; i++) {
		w->keys[i] = (struct metrics_key){ i == 0 ? "k" : ODD,
		    n->keys[i], i == 0 ? 1000 : CONF_NO_TIME };
		w->routes[i] = (struct metrics_name){ i == 0 ? "r" : ODD,
		    n->routes[i] };
	}
	w->listener = (struct metrics_name){ "l", n->listeners[0] };
	w->upstream = (struct metrics_name){ "u", n->upstreams[0] };
	w->ends[0] = (struct metrics_end){ "l", 2000 };
	w->ends[1] = (struct metrics_end){ "u", 3000 };
	w->watched[0] = (struct metrics_watched){ "l", true };
	w->watched[1] = (struct metrics_watched){ "good", false };
	w->names = (struct metrics_names){
		.version = "1.2.3", .keys = w->keys, .n_keys = 2,
		.listeners = &w->listener, .n_listeners = 1,
		.routes = w->routes, .n_routes = 2,
		.upstreams = &w->upstream, .n_upstreams = 1,
		.certificates = &w->ends[0], .n_certificates = 1,
		.presented = &w->ends[1], .n_presented = 1,
		.watched = w->watched, .n_watched = 2,
	};
	buf_init(&w->text, NULL);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	buf_release(&w->text);
	stats_free(w->stats);
	stats_memory_free(w->memory);
	stats_conf_free(w->conf);
	free(w);
	return 0;
}

static void
count(struct world *w, size_t route, const char *method, unsigned status,
    enum fault fault)
{
	stats_count_exchange(w->stats, route, &(struct record){
		.method = text_of(method), .status = status, .fault = fault,
		.began_ns = 1, .ended_ns = 1 + 20 * NS_PER_MS,
	});
}

static void
do_something(struct world *w)
{
	count(w, 0, "GET", 200, FAULT_NONE);
	count(w, 0, "GET", 200, FAULT_NONE);
	count(w, 0, "BREW", 299, FAULT_NONE);
	count(w, 0, "PUT", 0, FAULT_CLIENT_GONE);
	count(w, 1, "POST", 503, FAULT_KEY_UNAVAILABLE);
	count(w, CONF_NONE, "GET", 421, FAULT_NO_ROUTE);
	stats_count_use(w->stats, 0, 777);
	stats_count_rejected(w->stats, 1);
	stats_count_probe(w->stats, 0, KEY_REJECTED);
	stats_count_client(w->stats, 0, true);
	STATS_ADD(&stats_connections(w->stats, 0)->idle, 4);
	STATS_ADD(&stats_connections(w->stats, 0)->busy, 5);
	stats_note_expiry(w->stats, 1, 2000, true);
	stats_note_quota(w->stats, 0, 0, 5000, 60);
	stats_worker(w->stats, 0)->log_lost = 6;
	(*stats_worker_restarts(w->stats))++;
	stats_memory_started(w->memory);
	w->states[0] = KEY_STATE_ACTIVE;
	w->states[1] = KEY_STATE_DISABLED;
	stats_memory_reloaded(w->memory, false);
}

/* The text, to be freed. */
static char *
text_now(struct world *w, struct metrics *m)
{
	buf_init(&w->text, NULL);
	metrics_write(m, w->states, &w->text);
	return xstrndup((const char *)buf_data(&w->text), buf_len(&w->text));
}

static char *
text_of_all(struct world *w)
{
	struct metrics *m = metrics_new(w->memory, &w->names);
	char *text = text_now(w, m);

	metrics_free(m);
	return text;
}

/* Samples, in their order, as far as they are the same every time. */
static const char *const expected[] = {
	"sallyport_requests_total{route=\"r\",method=\"other\",code=\"299\"} 1",
	"sallyport_requests_total{route=\"r\",method=\"GET\",code=\"200\"} 2",
	"sallyport_requests_total{route=\"r\",method=\"PUT\",code=\"none\"} 1",
	"sallyport_requests_total{route=\"a\\\\b\\\"c\\nd\",method=\"POST\","
	    "code=\"503\"} 1",
	"sallyport_requests_total{route=\"\",method=\"GET\",code=\"421\"} 1",
	"sallyport_request_duration_seconds_bucket{route=\"r\",le=\"0.005\"} 0",
	"sallyport_request_duration_seconds_bucket{route=\"r\",le=\"0.01\"} 0",
	"sallyport_request_duration_seconds_bucket{route=\"r\",le=\"0.025\"} 4",
	"sallyport_request_duration_seconds_bucket{route=\"r\",le=\"0.05\"} 4",
	"sallyport_request_duration_seconds_bucket{route=\"r\",le=\"60\"} 4",
	"sallyport_request_duration_seconds_bucket{route=\"r\",le=\"+Inf\"} 4",
	"sallyport_request_duration_seconds_sum{route=\"r\"} 0.080000000",
	"sallyport_request_duration_seconds_count{route=\"r\"} 4",
	"sallyport_request_duration_seconds_count{route=\"\"} 1",
	"sallyport_faults_total{fault=\"bad_request\"} 0",
	"sallyport_faults_total{fault=\"no_route\"} 1",
	"sallyport_faults_total{fault=\"key_unavailable\"} 1",
	"sallyport_faults_total{fault=\"client_gone\"} 1",
	"sallyport_key_expiration_timestamp_seconds{key=\"k\"} 1000",
	"sallyport_key_expiration_timestamp_seconds{key=\"a\\\\b\\\"c\\nd\"} "
	    "2000",
	"sallyport_key_last_used_timestamp_seconds{key=\"k\"} 777",
	"sallyport_key_requests_total{key=\"k\"} 1",
	"sallyport_key_requests_total{key=\"a\\\\b\\\"c\\nd\"} 0",
	"sallyport_key_state{key=\"k\",state=\"disabled\"} 0",
	"sallyport_key_state{key=\"k\",state=\"rejected\"} 0",
	"sallyport_key_state{key=\"k\",state=\"expired\"} 0",
	"sallyport_key_state{key=\"k\",state=\"expiring\"} 0",
	"sallyport_key_state{key=\"k\",state=\"active\"} 1",
	"sallyport_key_state{key=\"k\",state=\"standby\"} 0",
	"sallyport_key_state{key=\"k\",state=\"unused\"} 0",
	"sallyport_key_state{key=\"a\\\\b\\\"c\\nd\",state=\"disabled\"} 1",
	"sallyport_key_state{key=\"a\\\\b\\\"c\\nd\",state=\"active\"} 0",
	"sallyport_upstream_ratelimit_remaining{key=\"k\"} 0",
	"sallyport_key_rejected_total{key=\"k\"} 0",
	"sallyport_key_rejected_total{key=\"a\\\\b\\\"c\\nd\"} 1",
	"sallyport_key_probes_total{key=\"k\",result=\"accepted\"} 0",
	"sallyport_key_probes_total{key=\"k\",result=\"rejected\"} 1",
	"sallyport_upstream_connections{upstream=\"u\",state=\"idle\"} 4",
	"sallyport_upstream_connections{upstream=\"u\",state=\"busy\"} 5",
	"sallyport_clients{listener=\"l\"} 1",
	"sallyport_certificate_expiration_timestamp_seconds{listener=\"l\"} "
	    "2000",
	"sallyport_upstream_certificate_expiration_timestamp_seconds{"
	    "upstream=\"u\"} 3000",
	"sallyport_listener_files_refused{listener=\"l\"} 1",
	"sallyport_listener_files_refused{listener=\"good\"} 0",
	"sallyport_log_lost_total 6",
	"sallyport_worker_restarts_total 1",
	"sallyport_config_reload_total{result=\"success\"} 0",
	"sallyport_config_reload_total{result=\"failure\"} 1",
	"sallyport_config_last_reload_successful 0",
	"sallyport_build_info{version=\"1.2.3\"} 1",
};

static void
all_that_was_counted_is_told_in_order(void **state)
{
	struct world *w = *state;
	char *text, *at;

	do_something(w);
	text = at = text_of_all(w);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		char *line = xasprintf("\n%s\n", expected[i]);

		at = strstr(at, line);
		if (at == NULL)
			fail_msg("no %s in\n%s", expected[i], text);
		free(line);
	}
	/* What is not known is not told. */
	assert_null(strstr(text,
	    "last_used_timestamp_seconds{key=\"a\\\\b"));
	assert_ptr_equal(strstr(text, "# HELP"), text);
	free(text);
}

static void
every_metric_has_its_help_its_type_and_its_values(void **state)
{
	static const struct {
		const char *name, *type;
	} rows[] = {
#define COUNTER		"counter"
#define GAUGE		"gauge"
#define HISTOGRAM	"histogram"
#define METRIC(id, name, type, labels, help) { name, type },
#include "stats/metrics.tbl"
#undef METRIC
	};
	struct world *w = *state;
	char *text;

	do_something(w);
	text = text_of_all(w);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *help = xasprintf("# HELP %s ", rows[i].name);
		char *type = xasprintf("\n# TYPE %s %s\n%s", rows[i].name,
		    rows[i].type, rows[i].name);

		if (strstr(text, help) == NULL || strstr(text, type) == NULL)
			fail_msg("%s in\n%s", type, text);
		free(help);
		free(type);
	}
	free(text);
}

static void
names_that_are_gone_are_not_told(void **state)
{
	struct world *w = *state;
	char *text;

	do_something(w);
	w->names.n_routes = w->names.n_keys = 1;
	text = text_of_all(w);
	assert_null(strstr(text, "a\\\\b"));
	assert_non_null(strstr(text, "{route=\"r\""));
	free(text);
}

/* The value of a metric without labels. */
static double
value_of(const char *text, const char *name)
{
	char *line = xasprintf("\n%s ", name);
	const char *at = strstr(text, line);
	double value;

	assert_non_null(at);
	value = strtod(at + strlen(line), NULL);
	free(line);
	return value;
}

static void
the_process_that_tells_is_counted(void **state)
{
	struct world *w = *state;
	struct metrics *m = metrics_new(w->memory, &w->names);
	char *text;
	double memory;

	stats_beat(w->stats, 1);
	stats_memory_beat(w->memory, 0, 1);
	text = text_now(w, m);
	memory = value_of(text, "process_resident_memory_bytes");
	assert_true(value_of(text, "process_cpu_seconds_total") > 0);
	assert_true(value_of(text, "process_open_fds") > 4);
	assert_true(value_of(text, "process_start_time_seconds") > 1e9);
	free(text);
	buf_release(&w->text);
	/* What the worker had noted is gone. */
	stats_worker_ended(w->stats, 0);
	text = text_now(w, m);
	assert_true(value_of(text, "process_resident_memory_bytes") < memory);
	free(text);
	metrics_free(m);
}

static void
the_tool_of_prometheus_has_nothing_to_say(void **state)
{
	struct world *w = *state;
	char *text;
	FILE *tool;

	if (system("command -v promtool >/dev/null") != 0)
		skip();
	do_something(w);
	text = text_of_all(w);
	tool = popen("out=$(promtool check metrics 2>&1) && test -z \"$out\" "
	    "|| { echo \"$out\"; exit 1; }", "w");
	assert_non_null(tool);
	assert_int_equal(fwrite(text, 1, strlen(text), tool), strlen(text));
	assert_int_equal(pclose(tool), 0);
	free(text);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_that_was_counted_is_told_in_order),
		TEST(every_metric_has_its_help_its_type_and_its_values),
		TEST(names_that_are_gone_are_not_told),
		TEST(the_process_that_tells_is_counted),
		TEST(the_tool_of_prometheus_has_nothing_to_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
