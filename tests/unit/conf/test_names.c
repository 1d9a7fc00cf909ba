/*
 * Names of things: found, told apart, and without work that grows faster
 * than their number.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "conf/memory.h"
#include "conf/names.h"

struct sample {
	struct conf_memory *memory;
	struct conf_diagnostics diagnostics;
	struct reader r;
	struct draft d;
	char (*names)[32];
};

/* n keys in a list, key0 and so on. */
static struct sample *
sample_new(size_t n)
{
	struct sample *s = xcalloc(1, sizeof(*s));
	struct draft_key *keys = xcalloc(n, sizeof(*keys));

	s->memory = conf_memory_new();
	s->r = (struct reader){ .diagnostics = &s->diagnostics,
		.memory = &s->memory->arena, .scratch = &s->memory->arena };
	s->names = xcalloc(n, sizeof(*s->names));
	for (size_t i = 0; i < n; i++) {
		(void)snprintf(s->names[i], sizeof(s->names[i]), "key%zu", i);
		keys[i].name = (struct word){ .text = s->names[i],
			.where = { .file = "f", .line = (unsigned)i + 1 } };
	}
	s->d.keys = (struct list){ .v = keys, .n = n };
	return s;
}

static void
sample_free(struct sample *s)
{
	names_end(&s->d);
	free(s->d.keys.v);
	free(s->names);
	conf_diagnostics_free(&s->diagnostics);
	conf_memory_free(s->memory);
	free(s);
}

static size_t
resolve(struct sample *s, char *name)
{
	const struct word w = { .text = name, .where = { .file = "f" } };

	return names_resolve(&s->r, &s->d.keys, GROUP_KEY, &w);
}

static void
a_name_that_is_used_twice_is_told_with_its_first_place(void **state)
{
	struct sample *s = sample_new(100);

	(void)state;
	draft_key(&s->d, 70)->name.text = s->names[7];
	draft_key(&s->d, 90)->name.text = s->names[7];
	names_check(&s->r, &s->d);
	assert_int_equal(s->diagnostics.n, 2);
	assert_int_equal(s->diagnostics.v[0].line, 71);
	assert_string_equal(s->diagnostics.v[1].text,
	    "there is a key 'key7' already, at f:8");
	sample_free(s);
}

static void
what_is_named_is_found(void **state)
{
	struct sample *s = sample_new(100);
	char known[] = "key42", unknown[] = "kay42";

	(void)state;
	names_check(&s->r, &s->d);
	assert_int_equal(resolve(s, known), 42);
	assert_int_equal(s->diagnostics.n, 0);
	assert_int_equal(resolve(s, unknown), CONF_NONE);
	assert_string_equal(s->diagnostics.v[0].text,
	    "there is no key 'kay42' (did you mean 'key42'?)");
	sample_free(s);
}

static void
where_a_name_is_missing_nothing_is_said_of_others(void **state)
{
	struct sample *s = sample_new(3);
	char unknown[] = "x";

	(void)state;
	draft_key(&s->d, 1)->name.text = NULL;
	names_check(&s->r, &s->d);
	assert_int_equal(resolve(s, unknown), CONF_NONE);
	assert_int_equal(s->diagnostics.n, 0);
	sample_free(s);
}

/* What it takes to find out that n names differ. */
static uint64_t
looks_for(size_t n)
{
	struct sample *s = sample_new(n);
	uint64_t looks;

	names_check(&s->r, &s->d);
	assert_int_equal(s->diagnostics.n, 0);
	assert_int_equal(resolve(s, s->names[n - 1]), n - 1);
	looks = s->d.keys.names.n_looks;
	sample_free(s);
	return looks;
}

static void
twice_the_names_are_twice_the_work(void **state)
{
	(void)state;
	for (size_t n = 500; n <= 8000; n *= 2) {
		assert_in_range(looks_for(n), n, 8 * n);
		assert_true(looks_for(2 * n) < 3 * looks_for(n));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_name_that_is_used_twice_is_told_with_its_first_place),
		cmocka_unit_test(what_is_named_is_found),
		cmocka_unit_test(
		    where_a_name_is_missing_nothing_is_said_of_others),
		cmocka_unit_test(twice_the_names_are_twice_the_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
