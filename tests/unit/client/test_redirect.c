/*
 * client/redirect: where a response leads a client.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include "client/redirect.h"
#include "../policy/request.h"

static char localhost[] = "localhost", api[] = "api.elastic-cloud.com",
    billing[] = "/billing", post[] = "POST", upload[] = "/upload";
static char *host_texts[] = { localhost, api }, *post_only[] = { post };
static struct conf_listener listeners[] = {
	{ .hosts = { host_texts, 2 } },
};
static struct conf_upstream upstreams[] = { { .authority = api } };

/* The last one serves all that the others do not. */
enum { BILLING, UPLOAD, REST };
static struct conf_route routes[] = {
	{ .path = billing, .strip = true, .client = CONF_NONE },
	{ .path = upload, .methods = { post_only, 1 }, .client = CONF_NONE },
	{ .client = CONF_NONE },
};
static const struct conf conf = {
	.listeners = listeners, .n_listeners = 1,
	.upstreams = upstreams, .n_upstreams = 1,
	.routes = routes, .n_routes = 3,
};
static const struct principal nobody = { .has_user = false };

/* A response with one field, to a request for target, sent on as that. */
static void
check(struct requests *all, size_t route, const char *target,
    const char *sent, enum field_id id, const char *value,
    const char *expected, bool astray)
{
	struct redirect r = {
		.request = { .conf = &conf, .who = &nobody,
		    .head = requests_make(all, "GET", target, "localhost",
		    "") },
		.route = &routes[route],
		.target = text_of(sent),
		.arena = &all->arena,
	};
	struct fields fields = { .n = 0 }, list = { .n = 0 };
	struct head response = { .kind = HEAD_RESPONSE, .status = 302 }, out;
	const struct head *got;

	fields_add(&fields, FIELD_OTHER, TEXT("Server"), TEXT("/x"));
	fields_add(&fields, id, field_name(id), text_of(value));
	response.fields = fields;
	got = redirect_apply(&r, &response, &out, &list);
	assert_int_equal(got->status, 302);
	assert_int_equal(got->fields.n, 2);
	assert_true(text_eq(got->fields.v[0].value, TEXT("/x")));
	if (!text_eq(got->fields.v[1].value, text_of(expected)))
		fail_msg("%s: %s became %.*s", target, value,
		    TEXT_ARG(got->fields.v[1].value));
	assert_true((r.astray != NULL) == astray);
	fields_release(&fields);
	fields_release(&list);
}

static void
what_was_stripped_is_put_before_what_points_at_the_upstream(void **state)
{
	static const char *const rows[][2] = {
		{ "/x", "/billing/x" },
		{ "/", "/billing/" },
		{ "/x?y=/z#s", "/billing/x?y=/z#s" },
		{ "x", "/billing/a/x" },
		{ "../x", "/billing/x" },
		{ "../../../x", "/billing/x" },
		{ "?y", "/billing/a/b?y" },
		{ "", "/billing/a/b?q" },
		{ "https://api.elastic-cloud.com/x", "/billing/x" },
		{ "https://API.elastic-cloud.com:443", "/billing/" },
		{ "/billing/x", "/billing/billing/x" },
		{ "https://elsewhere.example/x", "https://elsewhere.example/x" },
		{ "http://api.elastic-cloud.com/x",
		    "http://api.elastic-cloud.com/x" },
		{ "//api.elastic-cloud.com/x", "//api.elastic-cloud.com/x" },
		{ "https://me@api.elastic-cloud.com/x",
		    "https://me@api.elastic-cloud.com/x" },
		{ "/\\x", "/\\x" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		check(*state, BILLING, "/billing/a/b?q", "/a/b?q",
		    FIELD_LOCATION, rows[i][0], rows[i][1], false);
		check(*state, BILLING, "/billing/a/b?q", "/a/b?q",
		    FIELD_CONTENT_LOCATION, rows[i][0], rows[i][1], false);
	}
}

static void
without_a_prefix_scheme_and_host_go(void **state)
{
	check(*state, REST, "/a/b", "/a/b", FIELD_LOCATION,
	    "https://api.elastic-cloud.com/x", "/x", false);
	check(*state, REST, "/a/b", "/a/b", FIELD_LOCATION, "x", "/a/x",
	    false);
}

static void
what_another_route_would_serve_is_left_alone(void **state)
{
	/* An encoded dot segment leaves the prefix, for some readers. */
	check(*state, BILLING, "/billing/a", "/a", FIELD_LOCATION,
	    "/%2e%2e/x", "/%2e%2e/x", true);
	/* The route does not strip, and another one does. */
	check(*state, REST, "/a/b", "/a/b", FIELD_LOCATION, "/billing/x",
	    "/billing/x", true);
	check(*state, REST, "/a/b", "/a/b", FIELD_LOCATION,
	    "https://api.elastic-cloud.com/billing",
	    "https://api.elastic-cloud.com/billing", true);
	/* A client that is led on asks with GET. */
	check(*state, UPLOAD, "/upload", "/upload", FIELD_LOCATION,
	    "/upload/1", "/upload/1", true);
}

static void
what_the_guard_would_refuse_is_left_alone(void **state)
{
	check(*state, REST, "/a/b", "/a/b", FIELD_LOCATION, "/x%00",
	    "/x%00", true);
	check(*state, REST, "/a/b", "/a/b", FIELD_LOCATION, "/x%1",
	    "/x%1", true);
}

static void
a_response_without_them_is_not_copied(void **state)
{
	struct requests *all = *state;
	struct redirect r = { .arena = &all->arena };
	struct head response = { .kind = HEAD_RESPONSE, .status = 200 }, out;
	struct fields list = { .n = 0 };

	assert_ptr_equal(redirect_apply(&r, &response, &out, &list),
	    &response);
}

#define CASE(f)	cmocka_unit_test_setup_teardown(f, requests_setup,	\
	    requests_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_was_stripped_is_put_before_what_points_at_the_upstream),
		CASE(without_a_prefix_scheme_and_host_go),
		CASE(what_another_route_would_serve_is_left_alone),
		CASE(what_the_guard_would_refuse_is_left_alone),
		CASE(a_response_without_them_is_not_copied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
