/*
 * upstream/refusal: what responses that refuse a request say.
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

#include "../../lib/gzip.h"
#include "base/alloc.h"
#include "upstream/refusal.h"

#define CODES	"X-Cloud-Error-Codes"

static struct blocks *blocks;

static int
set_up(void **state)
{
	(void)state;
	blocks = blocks_new(4096, 4);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	blocks_free(blocks);
	return 0;
}

/* A response with up to two fields; names that are NULL are none. */
struct answer {
	unsigned status;
	const char *name, *value;
	const char *name2, *value2;
};

static struct head
head_of(const struct answer *a, struct field v[2])
{
	struct head head = { .kind = HEAD_RESPONSE, .version = 11,
		.status = (uint16_t)a->status, .fields = { .v = v } };

	if (a->name != NULL)
		v[head.fields.n++] = (struct field){ .name = text_of(a->name),
			.value = text_of(a->value) };
	if (a->name2 != NULL)
		v[head.fields.n++] = (struct field){ .name = text_of(a->name2),
			.value = text_of(a->value2) };
	return head;
}

static enum refusal
by(const struct answer *a, struct text body)
{
	struct field v[2];
	struct head head = head_of(a, v);
	/* Of its own, so that reading too far is seen. */
	char *copy = xmalloc(body.n);
	enum refusal r;

	memcpy(copy, body.p, body.n);
	r = refusal_of(&head, (struct text){ .p = copy, .n = body.n }, blocks);
	free(copy);
	return r;
}

/* What the head says alone; REFUSAL_COUNT: the body has to be read. */
static enum refusal
by_head(const struct answer *a)
{
	struct field v[2];
	struct head head = head_of(a, v);
	enum refusal r;

	return refusal_of_head(&head, &r) ? r : REFUSAL_COUNT;
}

static enum refusal
by_body(unsigned status, const char *body)
{
	return by(&(struct answer){ .status = status }, text_of(body));
}

/* Of a security_exception with this reason. */
static enum refusal
by_reason(unsigned status, const char *reason)
{
	char *body = xasprintf("{\"error\":{\"root_cause\":[],"
	    "\"type\":\"security_exception\",\"reason\":\"%s\"},"
	    "\"status\":%u}", reason, status);
	enum refusal r = by_body(status, body);

	free(body);
	return r;
}

static void
only_401_403_and_429_refuse(void **state)
{
	(void)state;
	for (unsigned status = 200; status < 1000; status++) {
		enum refusal r = by_head(&(struct answer){ .status = status,
			.name = CODES, .value = "root.unauthenticated" });

		assert_int_equal(r != REFUSAL_NONE, status == 401 ||
		    status == 403 || status == 429);
		assert_int_equal(refusal_is_of_key(r), status == 401);
	}
}

static void
codes_in_the_head_decide_without_a_body(void **state)
{
	struct answer a = { .status = 401, .name = CODES,
		.value = "root.unauthenticated" };

	(void)state;
	assert_int_equal(by_head(&a), REFUSAL_UNAUTHENTICATED);
	a.value = "root.unauthorized";
	assert_int_equal(by_head(&a), REFUSAL_UNAUTHORIZED);
	a.value = "some.other, root.unauthorized";
	assert_int_equal(by_head(&a), REFUSAL_UNAUTHORIZED);
	a.value = "some.other";
	assert_int_equal(by_head(&a), REFUSAL_OTHER_401);
	a.name2 = "x-cloud-error-codes";
	a.value2 = "root.unauthenticated";
	assert_int_equal(by_head(&a), REFUSAL_UNAUTHENTICATED);
	a = (struct answer){ .status = 403, .name = CODES,
		.value = "root.permission_denied" };
	assert_int_equal(by_head(&a), REFUSAL_NO_ROLE);
	a.value = "root.invalid_authentication";
	assert_int_equal(by_head(&a), REFUSAL_NOT_FOR_IT);
}

static void
an_empty_list_of_codes_is_none(void **state)
{
	struct answer a = { .status = 401, .name = CODES, .value = " , ," };

	(void)state;
	assert_int_equal(by_head(&a), REFUSAL_COUNT);
	assert_int_equal(by(&a,
	    TEXT("{\"errors\":[{\"code\":\"root.unauthenticated\"}]}")),
	    REFUSAL_UNAUTHENTICATED);
}

static void
codes_in_the_body_count_where_the_head_has_none(void **state)
{
	(void)state;
	assert_int_equal(by_body(401, "{\"errors\":[{\"message\":\"x\","
	    "\"code\":\"root.unauthenticated\"}]}"), REFUSAL_UNAUTHENTICATED);
	assert_int_equal(by_body(401, "{\"errors\":[{\"code\":\"a.b\"},"
	    "{\"code\":\"root.unauthorized\"}]}"), REFUSAL_UNAUTHORIZED);
	assert_int_equal(by_body(401, "{\"errors\":[{\"code\":"
	    "\"user.not_found\"}]}"), REFUSAL_NO_USER);
	assert_int_equal(by_body(403, "{\"errors\":[{\"code\":"
	    "\"root.permission_denied\"}]}"), REFUSAL_NO_ROLE);
}

static void
where_head_and_body_disagree_the_head_counts(void **state)
{
	struct answer a = { .status = 401, .name = CODES,
		.value = "user.not_found" };

	(void)state;
	assert_int_equal(by(&a,
	    TEXT("{\"errors\":[{\"code\":\"root.unauthenticated\"}]}")),
	    REFUSAL_NO_USER);
	a.value = "root.unauthenticated";
	assert_int_equal(by(&a, TEXT("{\"errors\":[{\"code\":\"a.b\"}]}")),
	    REFUSAL_UNAUTHENTICATED);
}

static void
a_code_where_none_is_expected_says_nothing(void **state)
{
	static const char *const bodies[] = {
		"", "root.unauthenticated", "\"root.unauthenticated\"", "[]",
		"{\"code\":\"root.unauthenticated\"}",
		"{\"errors\":\"root.unauthenticated\"}",
		"{\"errors\":[\"root.unauthenticated\"]}",
		"{\"errors\":{\"code\":\"root.unauthenticated\"}}",
		"{\"errors\":[{\"message\":\"root.unauthenticated\"}]}",
		"{\"errors\":[{\"code\":\"Root.Unauthenticated\"}]}",
		"{\"errors\":[{\"code\":\"root.unauthenticated.x\"}]}",
		"{\"errors\":[{\"code\":\"root.unauthenticated\"}]",
		"{\"errors\":[{\"code\":401}]}",
		"{\"error\":{\"reason\":\"api key is expired\"}}",
		"{\"error\":{\"type\":\"illegal_argument_exception\","
		    "\"reason\":\"unable to authenticate\"}}",
		"{\"type\":\"security_exception\","
		    "\"reason\":\"unable to authenticate\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++)
		assert_int_equal(by_body(401, bodies[i]), REFUSAL_OTHER_401);
}

static void
elasticsearch_says_why_it_does_not_accept_a_key(void **state)
{
	static const char form[] = "{\"error\":{\"root_cause\":[{\"type\":"
	    "\"security_exception\"}],\"type\":\"security_exception\","
	    "\"reason\":\"unable to authenticate with provided credentials "
	    "and anonymous access is not allowed for this request\","
	    "\"additional_unsuccessful_credentials\":%s},\"status\":401}";
	static const struct {
		const char *additional;
		enum refusal refusal;
	} v[] = {
		{ "\"API key: api key is expired\"", REFUSAL_ES_EXPIRED },
		{ "\"API key: api key [x] has been invalidated\"",
		    REFUSAL_ES_REVOKED },
		{ "\"API key: unable to find apikey with id x\"",
		    REFUSAL_ES_UNKNOWN },
		{ "\"API key: invalid credentials for API key [x]\"",
		    REFUSAL_ES_WRONG_SECRET },
		{ "\"API key: Illegal base64 character 5f\"",
		    REFUSAL_ES_MALFORMED },
		{ "[\"token: x\",\"API key: api key is expired\"]",
		    REFUSAL_ES_EXPIRED },
		{ "[[\"api key is expired\"], 1]", REFUSAL_ES_NOT_ACCEPTED },
		{ "\"API key: apikey authentication for id x encountered a "
		    "failure\"", REFUSAL_NOT_LOOKED_UP },
		{ "null", REFUSAL_ES_NOT_ACCEPTED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++) {
		char body[1024];

		snprintf(body, sizeof(body), form, v[i].additional);
		assert_int_equal(by_body(401, body), v[i].refusal);
	}
}

static void
serverless_projects_have_codes_among_the_causes(void **state)
{
	static const char form[] = "{\"error\":{\"type\":"
	    "\"security_exception\",\"reason\":\"failed to authenticate cloud "
	    "API key for project [p]\",\"caused_by\":{\"type\":"
	    "\"security_exception\",\"authentication_error_code\":\"%s\"}}}";
	static const struct {
		const char *code;
		enum refusal refusal;
	} v[] = {
		{ "0x28D520", REFUSAL_CLOUD_MISSING },
		{ "0xD38358", REFUSAL_CLOUD_REVOKED },
		{ "0xE436AE", REFUSAL_CLOUD_EXPIRED },
		{ "0x8560B2", REFUSAL_CLOUD_CLIENT },
		{ "", REFUSAL_CLOUD_CLIENT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++) {
		char body[1024];

		snprintf(body, sizeof(body), form, v[i].code);
		assert_int_equal(by_body(401, body), v[i].refusal);
	}
	assert_int_equal(by_reason(401, "failed to authenticate cloud API "
	    "key: [0x28D520]"), REFUSAL_CLOUD_MISSING);
}

/* Neither is about the key that we sent. */
static void
an_inner_service_and_a_wrong_password_say_nothing_against_the_key(
    void **state)
{
	enum refusal r[] = {
		by_body(401, "{\"statusCode\":401,\"error\":\"Unauthorized\","
		    "\"message\":\"Unauthorized\"}"),
		by_body(401, "<html>401 Unauthorized</html>"),
		by_reason(401, "unable to authenticate user [kim] for action "
		    "[cluster:admin/xpack/security/token/create]"),
		by_reason(401, "current license is non-compliant"),
		by_reason(401, "missing authentication credentials for REST "
		    "request [/]"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(r) / sizeof(*r); i++) {
		assert_int_not_equal(r[i], REFUSAL_NONE);
		assert_false(refusal_is_of_key(r[i]));
		assert_non_null(refusal_words(r[i]));
	}
	assert_true(refusal_is_of_key(by_reason(401,
	    "unable to authenticate user [kim] for REST request [/]")));
}

static void
a_403_never_speaks_against_a_key(void **state)
{
	enum refusal r[] = {
		by_body(403, "{\"errors\":[{\"code\":"
		    "\"root.unauthenticated\"}]}"),
		by_body(403, "{\"errors\":[{\"code\":"
		    "\"root.invalid_authentication\"}]}"),
		by_reason(403, "api key is expired"),
		by_reason(403, "action [x] is unauthorized for API key id "
		    "[y] of user [z]"),
		by_reason(403, "failed to authorize cloud API key for project "
		    "[p]"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(r) / sizeof(*r); i++)
		assert_false(refusal_is_of_key(r[i]));
	assert_int_equal(r[2], REFUSAL_OTHER_403);
	assert_int_equal(r[3], REFUSAL_NO_PRIVILEGE);
	assert_int_equal(r[4], REFUSAL_NO_PROJECT);
}

static void
a_spent_quota_is_told_from_an_upstream_that_is_overloaded(void **state)
{
	struct answer a = { .status = 429, .name = "X-RateLimit-Remaining",
		.value = "0" };

	(void)state;
	assert_int_equal(by_head(&a), REFUSAL_SPENT);
	a.value = "1";
	assert_int_equal(by_head(&a), REFUSAL_COUNT);
	assert_int_equal(by_body(429, "{\"error\":{\"type\":"
	    "\"circuit_breaking_exception\"},\"status\":429}"),
	    REFUSAL_MEMORY);
	assert_int_equal(by_body(429, "{\"error\":{\"type\":"
	    "\"es_rejected_execution_exception\"}}"), REFUSAL_QUEUES);
	assert_int_equal(by_body(429, "slow down"), REFUSAL_OTHER_429);
	/* With another status a spent quota says nothing. */
	a.status = 403;
	a.value = "0";
	assert_int_equal(by_head(&a), REFUSAL_COUNT);
}

static void
a_compressed_body_is_read_and_a_damaged_one_says_nothing(void **state)
{
	const struct text body =
	    TEXT("{\"errors\":[{\"code\":\"root.unauthenticated\"}]}");
	struct answer a = { .status = 401, .name = "Content-Encoding",
		.value = "gzip" };
	size_t n;
	char *z = gzip_of(body, &n);

	(void)state;
	assert_int_equal(by(&a, (struct text){ .p = z, .n = n }),
	    REFUSAL_UNAUTHENTICATED);
	a.value = "X-Gzip";
	assert_int_equal(by(&a, (struct text){ .p = z, .n = n }),
	    REFUSAL_UNAUTHENTICATED);
	assert_int_equal(by(&a, (struct text){ .p = z, .n = n / 2 }),
	    REFUSAL_OTHER_401);
	assert_int_equal(by(&a, body), REFUSAL_OTHER_401);
	a.value = "br";
	assert_int_equal(by(&a, (struct text){ .p = z, .n = n }),
	    REFUSAL_OTHER_401);
	free(z);
}

static void
of_a_bomb_no_more_is_read_than_of_others(void **state)
{
	const size_t huge = 8 << 20;
	const struct text body =
	    TEXT("{\"errors\":[{\"code\":\"root.unauthenticated\"}]}");
	char *blanks = xmalloc(huge);
	struct answer a = { .status = 401, .name = "Content-Encoding",
		.value = "gzip" };
	size_t n;
	char *z;

	(void)state;
	memset(blanks, ' ', huge);
	memcpy(blanks, body.p, body.n);
	z = gzip_of((struct text){ .p = blanks, .n = huge }, &n);
	assert_int_equal(by(&a, (struct text){ .p = z, .n = n }),
	    REFUSAL_UNAUTHENTICATED);
	blanks[huge / 2] = 'x';
	free(z);
	z = gzip_of((struct text){ .p = blanks, .n = huge }, &n);
	assert_int_equal(by(&a, (struct text){ .p = z, .n = n }),
	    REFUSAL_UNAUTHENTICATED);
	free(z);
	free(blanks);
}

static void
of_a_long_body_nothing_is_read_that_may_be_half_a_sentence(void **state)
{
	char *body = xasprintf("{\"errors\":[{\"code\":"
	    "\"root.unauthenticated\"}],\"more\":\"%*s\"}", REFUSAL_BODY, "");

	(void)state;
	assert_int_equal(by_body(401, body), REFUSAL_OTHER_401);
	free(body);
}

static void
each_row_has_words_and_other_numbers_have_none(void **state)
{
	(void)state;
	for (enum refusal r = REFUSAL_NONE + 1; r < REFUSAL_COUNT; r++)
		assert_true(strlen(refusal_words(r)) > 10);
	assert_null(refusal_words(REFUSAL_NONE));
	assert_null(refusal_words(REFUSAL_COUNT));
	assert_null(refusal_words((enum refusal)4711));
	assert_false(refusal_is_of_key((enum refusal)4711));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_401_403_and_429_refuse),
		cmocka_unit_test(codes_in_the_head_decide_without_a_body),
		cmocka_unit_test(an_empty_list_of_codes_is_none),
		cmocka_unit_test(
		    codes_in_the_body_count_where_the_head_has_none),
		cmocka_unit_test(where_head_and_body_disagree_the_head_counts),
		cmocka_unit_test(a_code_where_none_is_expected_says_nothing),
		cmocka_unit_test(
		    elasticsearch_says_why_it_does_not_accept_a_key),
		cmocka_unit_test(
		    serverless_projects_have_codes_among_the_causes),
		cmocka_unit_test(
	    an_inner_service_and_a_wrong_password_say_nothing_against_the_key),
		cmocka_unit_test(a_403_never_speaks_against_a_key),
		cmocka_unit_test(
		    a_spent_quota_is_told_from_an_upstream_that_is_overloaded),
		cmocka_unit_test(
		    a_compressed_body_is_read_and_a_damaged_one_says_nothing),
		cmocka_unit_test(of_a_bomb_no_more_is_read_than_of_others),
		cmocka_unit_test(
		    of_a_long_body_nothing_is_read_that_may_be_half_a_sentence),
		cmocka_unit_test(
		    each_row_has_words_and_other_numbers_have_none),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
