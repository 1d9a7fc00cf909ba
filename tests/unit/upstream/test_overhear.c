/*
 * upstream/overhear: a response that is read while it passes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "upstream/overhear.h"

#define BODY	"{\"errors\":[{\"code\":\"root.unauthenticated\"}]}"

struct world {
	struct blocks *blocks;
	struct arena arena;
	struct overhear o;
};

static int
set_up(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));

	*state = w;
	w->blocks = blocks_new(4096, 4);
	arena_init(&w->arena, w->blocks);
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	(void)overhear_end(&w->o);
	arena_release(&w->arena);
	blocks_free(w->blocks);
	free(w);
	return 0;
}

/* The field, if there is one, is gone when it returns. */
static enum refusal
begin(struct world *w, unsigned status, const char *codes, bool end)
{
	char *copy = xstrdup(codes != NULL ? codes : "");
	struct field v[] = { { .name = TEXT("X-Cloud-Error-Codes"),
	    .value = text_of(copy) } };
	const struct head head = { .kind = HEAD_RESPONSE, .version = 11,
		.status = (uint16_t)status,
		.fields = { .v = v, .n = codes != NULL } };
	enum refusal r = overhear_head(&w->o, &w->arena, w->blocks, &head,
	    end);

	free(copy);
	return r;
}

static enum refusal
pass(struct world *w, const char *text, size_t n, bool end)
{
	return overhear_body(&w->o, (const uint8_t *)text, n, end);
}

static void
what_refuses_nothing_is_not_read(void **state)
{
	struct world *w = *state;

	assert_int_equal(begin(w, 200, NULL, false), REFUSAL_NONE);
	assert_null(w->o.head);
	assert_int_equal(pass(w, BODY, strlen(BODY), true), REFUSAL_NONE);
	assert_int_equal(overhear_end(&w->o), REFUSAL_NONE);
}

static void
what_the_head_says_is_told_at_once_and_once(void **state)
{
	struct world *w = *state;

	assert_int_equal(begin(w, 401, "root.unauthorized", false),
	    REFUSAL_UNAUTHORIZED);
	assert_int_equal(pass(w, BODY, strlen(BODY), true), REFUSAL_NONE);
	assert_int_equal(overhear_end(&w->o), REFUSAL_NONE);
}

static void
without_a_body_nothing_was_said(void **state)
{
	struct world *w = *state;

	assert_int_equal(begin(w, 401, NULL, true), REFUSAL_OTHER_401);
	assert_int_equal(overhear_end(&w->o), REFUSAL_NONE);
}

static void
a_body_is_read_from_any_pieces_and_told_at_its_end(void **state)
{
	struct world *w = *state;

	assert_int_equal(begin(w, 401, NULL, false), REFUSAL_NONE);
	for (size_t i = 0; i < strlen(BODY); i++)
		assert_int_equal(pass(w, &BODY[i], 1, false), REFUSAL_NONE);
	assert_int_equal(pass(w, "", 0, true), REFUSAL_UNAUTHENTICATED);
	assert_int_equal(overhear_end(&w->o), REFUSAL_NONE);
}

static void
a_body_that_ends_otherwise_is_told_by_the_end(void **state)
{
	struct world *w = *state;

	assert_int_equal(begin(w, 401, NULL, false), REFUSAL_NONE);
	assert_int_equal(pass(w, BODY, strlen(BODY), false), REFUSAL_NONE);
	assert_int_equal(overhear_end(&w->o), REFUSAL_UNAUTHENTICATED);
	assert_int_equal(begin(w, 401, NULL, false), REFUSAL_NONE);
	assert_int_equal(pass(w, BODY, strlen(BODY) - 1, false),
	    REFUSAL_NONE);
	assert_int_equal(overhear_end(&w->o), REFUSAL_OTHER_401);
}

static void
of_a_body_without_end_no_more_is_kept_than_is_read(void **state)
{
	struct world *w = *state;
	enum refusal r = REFUSAL_NONE;
	char piece[1000];
	size_t n = 0;

	memset(piece, ' ', sizeof(piece));
	assert_int_equal(begin(w, 403, NULL, false), REFUSAL_NONE);
	while (r == REFUSAL_NONE) {
		assert_true(n < REFUSAL_BODY);
		r = pass(w, piece, sizeof(piece), false);
		n += sizeof(piece);
	}
	assert_int_equal(r, REFUSAL_OTHER_403);
	assert_null(w->o.head);
	assert_int_equal(pass(w, piece, sizeof(piece), false), REFUSAL_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    what_refuses_nothing_is_not_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    what_the_head_says_is_told_at_once_and_once, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    without_a_body_nothing_was_said, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_body_is_read_from_any_pieces_and_told_at_its_end, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_body_that_ends_otherwise_is_told_by_the_end, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    of_a_body_without_end_no_more_is_kept_than_is_read, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
