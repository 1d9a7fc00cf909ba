/*
 * upstream/call: what of a request goes upstream with which key, and what of
 * a response comes back, over a network in memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../sim/memory.h"
#include "base/alloc.h"
#include "policy/key_state.h"
#include "stats/decided.h"
#include "upstream/call.h"
#include "upstream/reflection.h"

#define SECONDS		INT64_C(1000)
#define KEY_A		"QUFBQUFBQUFBQUFBQUFBQTpBQUFBQUFBQUFBQUFBQQ=="
#define KEY_B		"QkJCQkJCQkJCQkJCQkJCQjpCQkJCQkJCQkJCQkJCQg=="
#define OK_2		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"

static char host[] = "api.example", other[] = "other.example",
    upstream_name[] = "u", scheme[] = "ApiKey";
static char names[][2] = { "a", "b" };
static char *hosts[] = { host }, *other_hosts[] = { other };
static size_t both[] = { 0, 1 };

struct world {
	struct loop *loop;
	struct stats *stats;
	struct conf_upstream upstream;
	struct conf_key keys[2];
	struct conf_route route;
	struct conf conf;
	struct caller *caller;
	struct blocks *blocks;
	struct arena arena;
	struct record record;
	struct head request;
	struct fields fields;
	struct call *stream;

	/* What came. */
	unsigned heads, faults;
	bool ended;
	enum fault fault;
	struct buf names, body;		/* of fields */
};

/* -- the owner -- */

static void
on_head(void *owner, const struct head *head, bool end)
{
	struct world *w = owner;

	w->heads++;
	w->ended = end;
	for (size_t i = 0; i < head->fields.n; i++) {
		buf_append_text(&w->names, head->fields.v[i].name);
		buf_append(&w->names, " ", 1);
	}
	call_credit(w->stream, 100000);
}

static void
on_body(void *owner, const uint8_t *p, size_t n, bool end)
{
	struct world *w = owner;

	buf_append(&w->body, p, n);
	w->ended = end;
}

static void
on_room(void *owner)
{
	(void)owner;
}

static void
on_fault(void *owner, enum fault fault, const char *detail)
{
	struct world *w = owner;

	assert_non_null(detail);
	assert_false(w->ended);
	w->faults++;
	w->fault = fault;
	call_close(&w->stream);
}

static const struct call_events events = {
	.head = on_head,
	.body = on_body,
	.room = on_room,
	.fault = on_fault,
};

/* -- the world -- */

static void
make_key(struct world *w, size_t i, const char *value)
{
	w->keys[i] = (struct conf_key){
		.name = names[i], .scheme = scheme, .hosts = { hosts, 1 },
		.expires = CONF_NO_TIME, .value = secret_new(strlen(value)),
	};
	memcpy(secret_bytes(w->keys[i].value), value, strlen(value));
}

static void
make_conf(struct world *w)
{
	w->upstream = (struct conf_upstream){
		.name = upstream_name, .host = host, .authority = host,
		.connect_host = host, .port = 443, .connect_port = 443,
		.max_connections = 2, .max_age = 3600 * SECONDS,
		.timeouts = { .connect = 5 * SECONDS,
		    .handshake = 5 * SECONDS, .response = 25 * SECONDS,
		    .body = 60 * SECONDS, .idle = 50 * SECONDS },
	};
	make_key(w, 0, KEY_A);
	make_key(w, 1, KEY_B);
	w->route = (struct conf_route){ .name = names[0],
	    .client = CONF_NONE, .keys = both, .n_keys = 2 };
	w->conf = (struct conf){
		.workers = 1,
		.upstreams = &w->upstream, .n_upstreams = 1,
		.keys = w->keys, .n_keys = 2,
		.routes = &w->route, .n_routes = 1,
		.limits = { .replay = 1000 },
	};
}

static int
set_up(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));
	char why[256];

	*state = w;
	w->loop = loop_new();
	memory_start(w->loop);
	make_conf(w);
	w->stats = stats_new_alone(&w->conf);
	w->caller = caller_new(&w->conf, w->loop, w->stats,
	    &codec_limits_default, why, sizeof(why));
	w->blocks = blocks_new(4096, 4);
	arena_init(&w->arena, w->blocks);
	buf_init(&w->names, NULL);
	buf_init(&w->body, NULL);
	return w->caller != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	call_close(&w->stream);
	memory_turn();
	caller_free(w->caller);
	memory_turn();
	loop_free(w->loop);
	memory_end();
	stats_free(w->stats);
	arena_release(&w->arena);
	blocks_free(w->blocks);
	secret_free(w->keys[0].value);
	secret_free(w->keys[1].value);
	fields_release(&w->fields);
	buf_release(&w->names);
	buf_release(&w->body);
	free(w);
	return 0;
}

static void
open_stream(struct world *w)
{
	w->request = (struct head){
		.kind = HEAD_REQUEST, .version = 11, .method = TEXT("GET"),
		.target = TEXT("/x"), .authority = TEXT("localhost"),
		.fields = w->fields,
	};
	w->stream = call_open(w->caller, &(struct call_order){
		.route = &w->route,
		.request = &w->request,
		.events = &events,
		.owner = w,
		.record = &w->record,
		.arena = &w->arena,
	});
	assert_int_equal(w->heads + w->faults, 0);
	memory_turn();
}

static void
start(struct world *w)
{
	open_stream(w);
	assert_true(memory_connect(true));
}

static void
feed(const char *text)
{
	assert_true(memory_feed(memory_wires(), text, strlen(text)));
}

static void
assert_sent(const char *what)
{
	const struct wire *wire = memory_wires();

	if (memmem(buf_data(&wire->out), buf_len(&wire->out), what,
	    strlen(what)) == NULL)
		fail_msg("not sent: %s", what);
}

static void
assert_got(const struct world *w, const char *body)
{
	assert_int_equal(w->faults, 0);
	assert_true(w->ended);
	assert_true(text_eq(buf_text(&w->body), text_of(body)));
}

static void
assert_refused(const struct world *w)
{
	assert_int_equal(w->faults, 1);
	assert_int_equal(w->fault, FAULT_KEY_REFLECTED);
	assert_false(w->ended);
}

/* -- the request -- */

static void
the_key_goes_in_last(void **state)
{
	struct world *w = *state;

	fields_add(&w->fields, FIELD_AUTHORIZATION, TEXT("Authorization"),
	    TEXT("ApiKey mine"));
	fields_add(&w->fields, FIELD_OTHER, TEXT("X-End"), TEXT("1"));
	start(w);
	assert_sent("GET /x HTTP/1.1\r\nHost: api.example\r\n");
	assert_sent("X-End: 1\r\nAuthorization: ApiKey " KEY_A "\r\n\r\n");
	assert_string_equal(w->record.key, "a");
	assert_int_equal(w->record.attempts, 1);
	assert_false(w->record.reused);
}

static void
set_off(struct world *w, size_t key, unsigned off)
{
	stats_decide(stats_shared(w->stats), stats_numbers(w->stats)->keys[
	    key], (struct stats_decision){ .facts = off });
}

static void
a_key_that_has_expired_is_passed_over(void **state)
{
	struct world *w = *state;

	set_off(w, 0, KEY_OFF_EXPIRED);
	start(w);
	assert_sent("Authorization: ApiKey " KEY_B "\r\n\r\n");
	assert_string_equal(w->record.key, "b");
}

static void
without_any_key_nothing_is_even_dialled(void **state)
{
	struct world *w = *state;

	set_off(w, 0, KEY_OFF_EXPIRED);
	set_off(w, 1, KEY_OFF_EXPIRED);
	open_stream(w);
	assert_int_equal(w->faults, 1);
	assert_int_equal(w->fault, FAULT_KEY_UNAVAILABLE);
	assert_null(w->record.key);
	assert_false(memory_connect(true));
}

static void
a_key_goes_to_no_host_that_it_does_not_name(void **state)
{
	struct world *w = *state;

	w->keys[0].hosts = (struct conf_texts){ other_hosts, 1 };
	start(w);
	assert_int_equal(w->faults, 1);
	assert_int_equal(w->fault, FAULT_KEY_UNAVAILABLE);
	assert_int_equal(buf_len(&memory_wires()->out), 0);
	assert_int_equal(w->record.attempts, 0);
}

static void
two_keys_share_no_connection(void **state)
{
	struct world *w = *state;

	start(w);
	feed(OK_2 "\r\nok");
	assert_got(w, "ok");
	call_close(&w->stream);
	set_off(w, 0, KEY_OFF_EXPIRED);
	w->heads = 0;
	open_stream(w);
	assert_true(memory_connect(true));
	assert_sent("Authorization: ApiKey " KEY_B "\r\n\r\n");
}

/* -- the response -- */

static void
what_a_response_says_is_written_into_the_record(void **state)
{
	struct world *w = *state;

	start(w);
	feed(OK_2 "X-Request-Id: ignored\r\nX-Cloud-Request-Id: r-1\r\n"
	    "X-Elastic-Api-Key-Expiration: 2099-01-01T00:00:00Z\r\n\r\nok");
	assert_got(w, "ok");
	call_close(&w->stream);
	assert_true(text_eq(w->record.upstream_request_id, TEXT("r-1")));
	assert_true(w->record.expiry_told);
	assert_true(w->record.expiry_read);
	assert_int_equal(w->record.expires, INT64_C(4070908800));
	assert_int_equal(w->record.expires_raw.n, 0);
	assert_true(w->record.upstream_began_ns != 0);
	assert_true(w->record.upstream_head_ns != 0);
	assert_false(w->record.shows_secret);
}

static void
what_cannot_be_read_is_kept_as_it_came(void **state)
{
	struct world *w = *state;

	start(w);
	feed(OK_2 "X-Request-Id: r-2\r\n"
	    "X-Elastic-Api-Key-Expiration: soon\r\n\r\nok");
	assert_got(w, "ok");
	call_close(&w->stream);
	assert_true(text_eq(w->record.upstream_request_id, TEXT("r-2")));
	assert_true(w->record.expiry_told);
	assert_false(w->record.expiry_read);
	assert_true(text_eq(w->record.expires_raw, TEXT("soon")));
}

static void
what_touches_the_key_is_withheld(void **state)
{
	struct world *w = *state;

	start(w);
	/* The beginning of the key alone reflects nothing yet. */
	feed(OK_2 "X-Request-Id: x-QUFBQUFB\r\n\r\nok");
	assert_got(w, "ok");
	assert_true(text_eq(w->record.upstream_request_id,
	    TEXT(RECORD_WITHHELD)));
}

static void
a_client_that_shows_the_key_itself_is_noted(void **state)
{
	static const struct {
		enum field_id id;
		const char *name;
		bool shown;
	} cases[] = {
		{ FIELD_USER_AGENT, "User-Agent", true },
		{ FIELD_X_REQUEST_ID, "X-Request-Id", true },
		{ FIELD_OTHER, "X-Other", false },
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fields_clear(&w->fields);
		fields_add(&w->fields, cases[i].id, text_of(cases[i].name),
		    TEXT("x " KEY_A));
		w->record = (struct record){ .attempts = 0 };
		open_stream(w);
		assert_int_equal(w->record.shows_secret, cases[i].shown);
		call_close(&w->stream);
	}
}

static void
fields_of_one_hop_stay(void **state)
{
	struct world *w = *state;

	start(w);
	feed(OK_2 "Keep-Alive: timeout=9\r\nX-Mine: 1\r\n\r\nok");
	assert_got(w, "ok");
	assert_true(memmem(buf_data(&w->names), buf_len(&w->names),
	    "X-Mine ", 7) != NULL);
	assert_null(memmem(buf_data(&w->names), buf_len(&w->names),
	    "Keep-Alive", 10));
}

static void
a_response_with_the_key_in_a_field_is_refused(void **state)
{
	struct world *w = *state;

	start(w);
	feed(OK_2 "X-Echo: <" KEY_A ">\r\n\r\n");
	assert_refused(w);
	assert_int_equal(w->heads, 0);
}

static void
a_response_with_the_key_in_its_body_is_cut(void **state)
{
	struct world *w = *state;

	start(w);
	feed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "4\r\nabcd\r\n");
	feed("a\r\nQUFBQUFBQU\r\n");
	feed("22\r\nFBQUFBQUFBQUFBQTpBQUFBQUFBQUFBQUFB\r\n");
	if (w->faults == 0)
		feed("4\r\nQQ==\r\n0\r\n\r\n");
	assert_refused(w);
	assert_int_equal(w->heads, 1);
	/* Some of it may have gone before it was all there, but not all. */
	assert_true(buf_len(&w->body) < 4 + REFLECTION_HELD);
}

static void
a_key_that_goes_on_in_the_trailers_is_seen(void **state)
{
	struct world *w = *state;

	start(w);
	feed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "16\r\nQUFBQUFBQUFBQUFBQUFBQT\r\n");
	feed("0\r\nX-Rest: pBQUFBQUFBQUFBQUFBQQ==\r\n\r\n");
	assert_refused(w);
}

static void
the_key_of_another_is_no_secret_of_this_one(void **state)
{
	struct world *w = *state;

	start(w);
	feed("HTTP/1.1 200 OK\r\nContent-Length: 44\r\n\r\n" KEY_B);
	assert_got(w, KEY_B);
}

static void
closing_ends_what_runs(void **state)
{
	struct world *w = *state;

	start(w);
	call_close(&w->stream);
	call_close(&w->stream);
	memory_turn();
	assert_null(memory_wires()->link);
	assert_int_equal(w->heads + w->faults, 0);
}

/* -- a key that is switched off -- */

static bool
anything_was_sent_with(const char *key)
{
	for (const struct wire *o = memory_wires(); o != NULL; o = o->next) {
		if (buf_len(&o->out) != 0 && memmem(buf_data(&o->out),
		    buf_len(&o->out), key, strlen(key)) != NULL)
			return true;
	}
	return false;
}

static void
assert_key_lost(const struct world *w)
{
	assert_int_equal(w->faults, 1);
	assert_int_equal(w->fault, FAULT_KEY_UNAVAILABLE);
}

static void
disable(struct world *w, size_t key)
{
	set_off(w, key, KEY_OFF_DISABLED);
	caller_obey(w->caller);
}

static void
a_request_under_way_ends_when_its_key_is_disabled(void **state)
{
	struct world *w = *state;

	start(w);
	disable(w, 0);
	assert_int_equal(w->faults, 0);
	memory_turn();
	assert_key_lost(w);
	assert_int_equal(w->heads, 0);
	assert_null(memory_wires()->link);
}

static void
a_response_under_way_is_cut_when_its_key_is_disabled(void **state)
{
	struct world *w = *state;

	start(w);
	feed(OK_2 "\r\no");
	assert_int_equal(w->heads, 1);
	disable(w, 0);
	memory_turn();
	assert_key_lost(w);
	assert_false(w->ended);
	assert_null(memory_wires()->link);
}

static void
a_request_that_waits_goes_with_the_next_key(void **state)
{
	struct world *w = *state;

	open_stream(w);
	disable(w, 0);
	memory_turn();
	assert_true(memory_connect(true));
	assert_sent("Authorization: ApiKey " KEY_B "\r\n\r\n");
	assert_string_equal(w->record.key, "b");
	assert_false(anything_was_sent_with(KEY_A));
	feed(OK_2 "\r\nok");
	assert_got(w, "ok");
}

static void
a_request_that_waits_with_the_last_key_ends(void **state)
{
	struct world *w = *state;

	set_off(w, 1, KEY_OFF_EXPIRED);
	open_stream(w);
	disable(w, 0);
	memory_turn();
	assert_key_lost(w);
	assert_false(memory_connect(true));
}

static void
what_was_switched_off_while_a_request_waited_is_not_sent(void **state)
{
	static const unsigned reasons[] = {
		KEY_OFF_DISABLED, KEY_OFF_REJECTED, KEY_OFF_EXPIRED,
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		set_off(w, 0, 0);
		set_off(w, 1, 0);
		open_stream(w);
		/* And the worker did not hear of it. */
		set_off(w, 0, reasons[i]);
		assert_true(memory_connect(true));
		assert_false(anything_was_sent_with(KEY_A));
		assert_true(memory_connect(true));
		assert_sent("Authorization: ApiKey " KEY_B "\r\n\r\n");
		assert_string_equal(w->record.key, "b");
		feed(OK_2 "\r\nok");
		assert_int_equal(w->faults, 0);
		assert_true(w->ended);
		call_close(&w->stream);
		disable(w, 1);
		memory_turn();
		w->heads = 0;
		w->ended = false;
		w->record = (struct record){ .key = NULL };
	}
}

static void
idle_connections_of_a_disabled_key_are_closed(void **state)
{
	struct world *w = *state;

	start(w);
	feed(OK_2 "\r\nok");
	call_close(&w->stream);
	memory_turn();
	assert_non_null(memory_wires()->link);
	disable(w, 1);
	memory_turn();
	assert_non_null(memory_wires()->link);
	disable(w, 0);
	memory_turn();
	assert_null(memory_wires()->link);
}

static void
other_keys_go_on(void **state)
{
	struct world *w = *state;

	set_off(w, 0, KEY_OFF_REJECTED);
	start(w);
	disable(w, 0);
	memory_turn();
	feed(OK_2 "\r\nok");
	assert_got(w, "ok");
}

static void
a_key_that_expires_or_is_rejected_finishes_what_it_began(void **state)
{
	struct world *w = *state;

	start(w);
	set_off(w, 0, KEY_OFF_REJECTED | KEY_OFF_EXPIRED);
	caller_obey(w->caller);
	memory_turn();
	feed(OK_2 "\r\nok");
	assert_got(w, "ok");
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_key_goes_in_last),
		TEST(a_key_that_has_expired_is_passed_over),
		TEST(without_any_key_nothing_is_even_dialled),
		TEST(a_key_goes_to_no_host_that_it_does_not_name),
		TEST(two_keys_share_no_connection),
		TEST(what_a_response_says_is_written_into_the_record),
		TEST(what_cannot_be_read_is_kept_as_it_came),
		TEST(what_touches_the_key_is_withheld),
		TEST(a_client_that_shows_the_key_itself_is_noted),
		TEST(fields_of_one_hop_stay),
		TEST(a_response_with_the_key_in_a_field_is_refused),
		TEST(a_response_with_the_key_in_its_body_is_cut),
		TEST(a_key_that_goes_on_in_the_trailers_is_seen),
		TEST(the_key_of_another_is_no_secret_of_this_one),
		TEST(closing_ends_what_runs),
		TEST(a_request_under_way_ends_when_its_key_is_disabled),
		TEST(a_response_under_way_is_cut_when_its_key_is_disabled),
		TEST(a_request_that_waits_goes_with_the_next_key),
		TEST(a_request_that_waits_with_the_last_key_ends),
		TEST(what_was_switched_off_while_a_request_waited_is_not_sent),
		TEST(idle_connections_of_a_disabled_key_are_closed),
		TEST(other_keys_go_on),
		TEST(a_key_that_expires_or_is_rejected_finishes_what_it_began),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
