/*
 * Unit tests of upstream/reflection.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "../../lib/secret_patterns_model.h"
#include "secret_patterns_of.h"
#include "upstream/reflection.h"

/* The patterns of one key alone. */
#define ONE(ns)	(&(const struct secret_set){ .v = { ns }, .n = 1 })

/*
 * Passes body in pieces of size; true with what came out, or false when the
 * key was found.
 */
static bool
pass(const struct secret_patterns *ns, const char *body, size_t size,
    struct buf *out)
{
	struct reflection r;
	size_t n = strlen(body);
	struct text first, second;
	bool passed = true;

	buf_init(out, NULL);
	reflection_start(&r, NULL);
	for (size_t at = 0; passed && at < n; at += size) {
		struct text piece = { .p = body + at,
		    .n = n - at < size ? n - at : size };

		passed = reflection_pass(&r, ONE(ns), piece, &first, &second);
		if (!passed)
			break;
		buf_append_text(out, first);
		buf_append_text(out, second);
	}
	if (passed)
		buf_append_text(out, reflection_rest(&r));
	reflection_release(&r);
	return passed;
}

/* In pieces of every size: found or not, and what came out. */
static void
check(const char *value, const char *body)
{
	struct secret_patterns ns = secret_patterns_of(value);
	bool there = strstr(body, value) != NULL;

	for (size_t size = 1; size <= strlen(body) + 1; size++) {
		struct buf out;

		assert_int_equal(pass(&ns, body, size, &out), !there);
		if (there)
			assert_true(buf_len(&out) < REFLECTION_HELD +
			    (size_t)(strstr(body, value) - body));
		else
			assert_true(text_eq(buf_text(&out), text_of(body)));
		buf_release(&out);
	}
	secret_patterns_drop(&ns);
}

static void
a_body_without_the_key_passes_unchanged(void **state)
{
	(void)state;
	check("essu_abc", "");
	check("essu_abc", "a body without it");
	check("essu_abc", "essu_ab");
	check("essu_abc", "essu_abessu_abessu_ab");
	check("aaaaaaab", "aaaaaaaaaaaaaaaaaaaa");
	check("abababab", "abaabababaababababaaba");
}

static void
a_body_with_the_key_is_stopped_wherever_it_is_cut(void **state)
{
	(void)state;
	check("essu_abc", "essu_abc");
	check("essu_abc", "before essu_abc after");
	check("essu_abc", "essu_essu_abc");
	check("aaaaaaab", "aaaaaaaaaaaaaab");
	check("abababab", "aababababababx");
}

/* Words of two letters, mostly the first: all kinds of overlaps. */
static void
random_bodies_pass_or_stop_as_they_should(void **state)
{
	(void)state;
	srand(1);
	for (int i = 0; i < 3000; i++) {
		char value[12] = "", body[48] = "";
		int v = 8 + rand() % 3, b = rand() % 47;

		for (int k = 0; k < v; k++)
			value[k] = "ab"[rand() % 5 == 0];
		for (int k = 0; k < b; k++)
			body[k] = "ab"[rand() % 5 == 0];
		check(value, body);
	}
}

/* The next piece; asserts that this much of it and before leaves. */
static void
assert_leaves(struct reflection *r, const struct secret_patterns *ns,
    const char *piece, const char *expected)
{
	struct text first, second;
	struct buf b;

	assert_true(reflection_pass(r, ONE(ns), text_of(piece), &first,
	    &second));
	buf_init(&b, NULL);
	buf_append_text(&b, first);
	buf_append_text(&b, second);
	if (!text_eq(buf_text(&b), text_of(expected)))
		fail_msg("%s: %.*s leaves", piece, TEXT_ARG(buf_text(&b)));
	buf_release(&b);
}

static void
what_may_be_a_key_waits_from_its_eighth_byte_on(void **state)
{
	struct secret_patterns ns = secret_patterns_of("0123456789abcdef");
	struct reflection r;

	(void)state;
	reflection_start(&r, NULL);
	assert_leaves(&r, &ns, "x 0123456", "x 0123456");
	assert_leaves(&r, &ns, "7", "");
	assert_leaves(&r, &ns, "8", "");
	assert_leaves(&r, &ns, "x 01234567", "78x ");
	assert_leaves(&r, &ns, "89", "");
	assert_leaves(&r, &ns, "0", "01234567890");
	reflection_release(&r);
	/* Eight bytes are counted as they are written. */
	reflection_start(&r, NULL);
	assert_leaves(&r, &ns, "%30%31%", "%30%31%");
	assert_leaves(&r, &ns, "3", "");
	assert_leaves(&r, &ns, "x", "3x");
	reflection_release(&r);
	secret_patterns_drop(&ns);
}

static void
a_key_that_comes_byte_by_byte_is_found_at_its_last(void **state)
{
	const char *value = "0123456789abcdef";
	struct secret_patterns ns = secret_patterns_of(value);

	(void)state;
	for (size_t before = 0; before < 3; before++) {
		struct reflection r;
		struct text first, second;
		size_t left = 0;

		reflection_start(&r, NULL);
		for (size_t i = 0; i < before; i++)
			assert_leaves(&r, &ns, "0", "0");
		for (size_t i = 0; i < 15; i++) {
			assert_true(reflection_pass(&r, ONE(&ns), (struct text){
			    .p = value + i, .n = 1 }, &first, &second));
			left += first.n + second.n;
		}
		assert_int_equal(left, REFLECTION_HELD - 1);
		assert_false(reflection_pass(&r, ONE(&ns), TEXT("f"), &first,
		    &second));
		reflection_release(&r);
	}
	secret_patterns_drop(&ns);
}

static void
what_leaves_last_and_before_it_is_valid_together(void **state)
{
	struct secret_patterns ns = secret_patterns_of("ab/ab+cdab/ab+x==");
	struct reflection r;
	struct text first, second, rest;

	(void)state;
	reflection_start(&r, NULL);
	assert_leaves(&r, &ns, "x ab/ab+cd", "x ");
	assert_true(reflection_pass(&r, ONE(&ns), TEXT("ab/ab+cdab"), &first,
	    &second));
	rest = reflection_rest(&r);
	assert_true(text_eq(first, TEXT("ab/ab+cd")));
	assert_true(text_eq(rest, TEXT("ab/ab+cdab")));
	assert_int_equal(reflection_rest(&r).n, 0);
	reflection_release(&r);
	/* All that was held leaves first. */
	reflection_start(&r, NULL);
	assert_leaves(&r, &ns, "x ab/ab+cd", "x ");
	assert_true(reflection_pass(&r, ONE(&ns), TEXT("x"), &first, &second));
	rest = reflection_rest(&r);
	assert_true(text_eq(first, TEXT("ab/ab+cdx")));
	assert_int_equal(rest.n, 0);
	reflection_release(&r);
	secret_patterns_drop(&ns);
}

static char
random_digit(unsigned v)
{
	return (rand() % 2 == 0 ? "0123456789abcdef" : "0123456789ABCDEF")[v];
}

/* One character in one of its forms. */
static void
put_form(struct buf *b, char c, unsigned form)
{
	char hex[3] = { random_digit((unsigned)c >> 4),
	    random_digit(c & 15), '\0' };

	switch (form) {
	case 0:
		buf_printf(b, "%%%s", hex);
		return;
	case 1:
		buf_printf(b, "%%2525%s", hex);
		return;
	case 2:
		buf_printf(b, "\\u00%s", hex);
		return;
	case 3:
		buf_printf(b, "\\\\\\x%s", hex);
		return;
	case 4:
		buf_printf(b, "&#%0*d;", rand() % 7, c);
		return;
	case 5:
		buf_printf(b, "&amp;#x%s;", hex);
		return;
	case 6:
		if (c == '/')
			buf_append_text(b, TEXT("\\"));
		break;
	}
	buf_append(b, &c, 1);
}

#define FORMS	7

/* The key in one form, or (FORMS) each character in another. */
static void
put_key(struct buf *b, const char *value, unsigned form)
{
	for (; *value != '\0'; value++)
		put_form(b, *value, form < FORMS ? form :
		    (unsigned)rand() % (FORMS + 1));
}

/* In two pieces, or three; how much of it was passed. */
static bool
pass_cut(const struct secret_patterns *ns, struct text body, size_t a, size_t b,
    size_t *n)
{
	const size_t borders[] = { 0, a, b, body.n };
	struct reflection r;
	struct text first, second;
	bool passed = true;

	*n = 0;
	reflection_start(&r, NULL);
	for (int i = 0; passed && i < 3; i++) {
		passed = reflection_pass(&r, ONE(ns), text_range(body.p + borders[i],
		    body.p + borders[i + 1]), &first, &second);
		if (passed)
			*n += first.n + second.n;
	}
	if (passed)
		*n += reflection_rest(&r).n;
	reflection_release(&r);
	return passed;
}

static void
check_all_cuts(const struct secret_patterns *ns, struct text body, size_t key_at,
    bool there)
{
	size_t n;

	for (size_t a = 0; a <= body.n; a++) {
		for (size_t b = a; b <= body.n; b += b < a + 20 ? 1 : 7) {
			assert_int_equal(pass_cut(ns, body, a, b, &n),
			    !there);
			assert_true(there ? n < key_at + REFLECTION_HELD :
			    n == body.n);
		}
	}
}

static void
an_escaped_key_is_stopped_wherever_it_is_cut(void **state)
{
	const char *value = "ab/ab+cd==";
	struct secret_patterns ns = secret_patterns_of(value);

	(void)state;
	srand(2);
	for (unsigned form = 0; form < FORMS + 6; form++) {
		struct buf b;
		struct text t;

		buf_init(&b, NULL);
		buf_append_text(&b, TEXT("x%ab%"));
		put_key(&b, value, form);
		buf_append_text(&b, TEXT("%2"));
		check_all_cuts(&ns, buf_text(&b), 5, true);
		/* The last byte that matters is another one. */
		buf_release(&b);
		buf_append_text(&b, TEXT("x%ab%"));
		put_key(&b, "ab/ab+c", form);
		put_key(&b, "e==", form);
		t = buf_text(&b);
		check_all_cuts(&ns, t, 0, false);
		buf_release(&b);
	}
	secret_patterns_drop(&ns);
}

static void
a_long_piece_behind_what_is_held_is_searched_as_a_whole(void **state)
{
	const char *value = "ab/ab+cd==";
	struct secret_patterns ns = secret_patterns_of(value);
	struct buf b;
	size_t n;

	(void)state;
	for (size_t at = 0; at < 700; at++) {
		buf_init(&b, NULL);
		for (size_t i = 0; i < at; i++)
			buf_append(&b, &"ab%2"[i % 4], 1);
		put_key(&b, value, (unsigned)at % FORMS);
		for (size_t i = 0; i < 300; i++)
			buf_append(&b, &"ab%2"[i % 4], 1);
		for (size_t cut = 0; cut < 12; cut++) {
			assert_false(pass_cut(&ns, buf_text(&b), cut, cut,
			    &n));
			assert_true(n < at + REFLECTION_HELD);
		}
		buf_release(&b);
	}
	secret_patterns_drop(&ns);
}

/* What is common in strings and in HTML, and no escape. */
static void
put_quotes(struct buf *b)
{
	static const char *const some[] = { "\\\"", "&quot;", "&gt;", "\\n",
	    "&lt;", "%zz", "a", "2", "Q", "x" };

	for (int i = rand() % 100; i > 0; i--)
		buf_append_text(b, text_of(some[rand() % 10]));
}

/* The key, whole or but for a character, among what escapes are made of. */
static void
put_random_body(const struct secret_pattern *pattern, struct buf *b)
{
	static const char some[] = "%&\\25x/u0f;#aml";
	size_t missing = rand() % 2 == 0 ? (size_t)rand() % pattern->text.n :
	    pattern->text.n;

	if (rand() % 2 == 0)
		put_quotes(b);
	for (int i = rand() % 16; i > 0; i--)
		buf_append(b, &some[rand() % 15], 1);
	for (size_t i = 0; i < pattern->text.n; i++) {
		if (i != missing)
			secret_patterns_model_write(pattern->text.p[i],
			    (size_t)rand(), b);
	}
	for (int i = rand() % 16; i > 0; i--)
		buf_append(b, &some[rand() % 15], 1);
	if (rand() % 2 == 0)
		put_quotes(b);
}

static void
a_key_is_found_however_it_is_written_and_cut(void **state)
{
	static const char *const values[] = { "ab/ab+cd==", "aaaaaaab",
	    "25252F252F", "2f2F2f25", "u002fx2f", "amp;x2f;#47;sol;",
	    "a%62\\/b&#47;", "aWQ6MDEyMzQ1Njc4OWFiY2RlZg==" };
	const size_t n_values = sizeof(values) / sizeof(*values);
	size_t there = 0, n;

	(void)state;
	srand(5);
	for (size_t i = 0; i < 100 * n_values; i++) {
		struct secret_patterns ns = secret_patterns_of(values[i % n_values]);
		struct buf b;
		struct text t;
		size_t start;

		buf_init(&b, NULL);
		put_random_body(&ns.v[i / n_values % ns.n], &b);
		t = buf_text(&b);
		start = secret_patterns_model(&ns, t);
		there += start != t.n;
		for (size_t cut = 0; cut <= t.n; cut++) {
			bool passed = pass_cut(&ns, t, cut / 2, cut, &n);

			assert_int_equal(passed, start == t.n);
			assert_true(passed ? n == t.n :
			    n < start + REFLECTION_HELD);
		}
		buf_release(&b);
		secret_patterns_drop(&ns);
	}
	assert_in_range(there, 30 * n_values, 70 * n_values);
}

static void
what_is_held_may_go_on_in_a_trailer(void **state)
{
	struct secret_patterns ns = secret_patterns_of("ab/ab+cd==");
	struct reflection r;
	struct text first, second;

	(void)state;
	reflection_start(&r, NULL);
	assert_false(reflection_goes_on(&r, ONE(&ns), TEXT("d")));
	assert_true(reflection_pass(&r, ONE(&ns), TEXT("x ab%2Fab+c"), &first,
	    &second));
	assert_true(text_eq(second, TEXT("x ")));
	assert_true(reflection_goes_on(&r, ONE(&ns), TEXT("d")));
	assert_true(reflection_goes_on(&r, ONE(&ns), TEXT("%64==")));
	assert_false(reflection_goes_on(&r, ONE(&ns), TEXT("xd")));
	assert_false(reflection_goes_on(&r, ONE(&ns), TEXT("")));
	/* What has left is remembered. */
	assert_leaves(&r, &ns, "x ab", "ab%2Fab+cx ab");
	assert_true(reflection_goes_on(&r, ONE(&ns), TEXT("/ab+cd")));
	assert_leaves(&r, &ns, "%2Fab+c", "");
	assert_true(reflection_goes_on(&r, ONE(&ns), TEXT("d")));
	assert_true(text_eq(reflection_rest(&r), TEXT("%2Fab+c")));
	assert_false(reflection_goes_on(&r, ONE(&ns), TEXT("d")));
	reflection_release(&r);
	secret_patterns_drop(&ns);
}

/* Whether the body is stopped that comes in two pieces. */
static bool
is_stopped(const struct secret_set *set, struct text body, size_t cut)
{
	struct reflection r;
	struct text first, second;
	bool passed;

	reflection_start(&r, NULL);
	passed = reflection_pass(&r, set, (struct text){ .p = body.p,
	    .n = cut }, &first, &second) && reflection_pass(&r, set,
	    text_from(body, cut), &first, &second);
	reflection_release(&r);
	return !passed;
}

static void
of_two_keys_each_is_stopped_wherever_it_is_cut(void **state)
{
	struct secret_patterns a = secret_patterns_of("ab/ab+cd=="),
	    b = secret_patterns_of("essu_0123456789abcdefghijklmnopqrstuvwxyz");
	const struct secret_set set = { .v = { &a, &b }, .n = 2 };
	static const struct {
		struct text body;
		bool found;
	} v[] = {
		{ TEXT("x ab%2Fab+cd y"), true },
		{ TEXT("x 0123456789abcdefghijklmnopqrstuvwxyz"), true },
		{ TEXT("ab/ab+0123456789abcdefghijklmnopqrstuvwxyz"), true },
		{ TEXT("0123456789abcdefab/ab+cd"), true },
		{ TEXT("0123456789abcdefab/ab+c"), false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++) {
		for (size_t cut = 0; cut <= v[i].body.n; cut++)
			assert_int_equal(is_stopped(&set, v[i].body, cut),
			    v[i].found);
	}
	secret_patterns_drop(&a);
	secret_patterns_drop(&b);
}

/* Whoever sends the key's beginning for ever makes nothing grow. */
static void
what_is_held_is_bounded(void **state)
{
	struct secret_patterns ns = secret_patterns_of("ab/ab+cd==");
	struct reflection r;
	struct text first, second;

	(void)state;
	reflection_start(&r, NULL);
	for (int i = 0; i < 5000; i++) {
		char c = "ab&amp;#x000002F;%6&#x00000"[i % 26];

		assert_true(reflection_pass(&r, ONE(&ns), (struct text){
		    .p = &c, .n = 1 }, &first, &second));
		assert_true(buf_len(&r.held) - r.passed < ns.reach);
		assert_true(r.held.cap <= 4096);
	}
	reflection_release(&r);
	secret_patterns_drop(&ns);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_without_the_key_passes_unchanged),
		cmocka_unit_test(
		    a_body_with_the_key_is_stopped_wherever_it_is_cut),
		cmocka_unit_test(random_bodies_pass_or_stop_as_they_should),
		cmocka_unit_test(
		    what_may_be_a_key_waits_from_its_eighth_byte_on),
		cmocka_unit_test(
		    a_key_that_comes_byte_by_byte_is_found_at_its_last),
		cmocka_unit_test(
		    a_key_is_found_however_it_is_written_and_cut),
		cmocka_unit_test(
		    an_escaped_key_is_stopped_wherever_it_is_cut),
		cmocka_unit_test(
		    a_long_piece_behind_what_is_held_is_searched_as_a_whole),
		cmocka_unit_test(
		    what_leaves_last_and_before_it_is_valid_together),
		cmocka_unit_test(what_is_held_may_go_on_in_a_trailer),
		cmocka_unit_test(
		    of_two_keys_each_is_stopped_wherever_it_is_cut),
		cmocka_unit_test(what_is_held_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
