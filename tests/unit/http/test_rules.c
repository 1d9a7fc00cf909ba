/*
 * The strict predicates.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/rules.h"

#define ALL(list, call) do {						\
	for (size_t i_ = 0; i_ < sizeof(list) / sizeof((list)[0]); i_++) { \
		struct text t = text_of((list)[i_]);			\
									\
		if (!(call))						\
			fail_msg("%s: not so for \"%s\"", #call,	\
			    (list)[i_]);				\
	}								\
} while (0)

static void
classes_of_bytes_are_those_of_the_rfcs(void **state)
{
	const char *token = "!#$%&'*+-.^_`|~";
	const char *target = "-._~!$&'()*+,;=:@/";

	(void)state;
	for (int c = 0; c < 256; c++) {
		bool alnum = (c >= '0' && c <= '9') ||
		    (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		assert_int_equal(char_is((char)c, CHAR_TOKEN),
		    alnum || (c != 0 && strchr(token, c) != NULL));
		assert_int_equal(char_is((char)c, CHAR_TARGET),
		    alnum || (c != 0 && strchr(target, c) != NULL));
		assert_int_equal(char_is((char)c, CHAR_FIELD),
		    c == '\t' || (c >= ' ' && c != 0x7f));
	}
}

static void
a_run_of_a_class_ends_with_it_or_with_the_text(void **state)
{
	const char *p = "ab-1 c\r\n", *at = p;
	struct text run;

	(void)state;
	assert_int_equal(rules_span(TEXT("ab-1 c"), CHAR_TOKEN), 4);
	assert_int_equal(rules_span(TEXT("ab"), CHAR_TOKEN), 2);
	assert_int_equal(rules_span(TEXT(""), CHAR_TOKEN), 0);
	assert_ptr_equal(rules_skip(p, CHAR_TOKEN), p + 4);
	assert_ptr_equal(rules_skip(p, CHAR_FIELD), p + 6);
	assert_ptr_equal(rules_skip(p + 6, CHAR_FIELD), p + 6);
	run = rules_take(&at, CHAR_TOKEN);
	assert_true(text_eq(run, TEXT("ab-1")));
	assert_ptr_equal(at, p + 4);
	assert_int_equal(rules_take(&at, CHAR_TOKEN).n, 0);
	assert_ptr_equal(at, p + 4);
}

static void
tokens_hold_only_their_bytes(void **state)
{
	static const char *const tokens[] = { "a", "X-Y_z", "!#$%&'*+.^`|~" };
	static const char *const no_tokens[] = { "", "a b", "a:", "a\x80", "(" };

	(void)state;
	ALL(tokens, token_is_valid(t));
	ALL(no_tokens, !token_is_valid(t));
}

static void
disguised_names_are_told_from_true_and_harmless_ones(void **state)
{
	static const char *const disguised[] = {
		"content_length", "Content.Length", "TRANSFER_ENCODING",
		"transfer.encoding",
	};
	static const char *const fine[] = {
		"Content-Length", "HOST", "authorization", "connection",
		"x_content_length", "content_type", "_host", "",
	};

	(void)state;
	ALL(disguised, field_name_is_disguised(t));
	ALL(fine, !field_name_is_disguised(t));
}

static void
connection_has_tokens_that_name_nothing_we_rely_on(void **state)
{
	static const char *const bad[] = {
		"host", "Content-Length", "TRANSFER-ENCODING",
		"authorization", "", "a b", "a;b", "\"close\"", "close:",
		"a=1", "x\xff", "(close)",
	};
	static const char *const fine[] = {
		"close", "keep-alive", "Upgrade", "te", "x-y", "hosts"
	};

	(void)state;
	ALL(bad, connection_option_is_refused(t));
	ALL(fine, !connection_option_is_refused(t));
}

static void
a_content_length_is_digits_up_to_2_63_1(void **state)
{
	static const char *const bad[] = {
		"", "-1", "+1", " 1", "1 ", "1,1", "0x1", "1a", "1.0",
		"9223372036854775808", "18446744073709551616",
		"99999999999999999999999",
	};
	uint64_t v;

	(void)state;
	ALL(bad, !content_length_parse(t, &v));
	assert_true(content_length_parse(TEXT("0"), &v) && v == 0);
	assert_true(content_length_parse(TEXT("9223372036854775807"), &v) &&
	    v == INT64_MAX);
}

static void
a_chunk_size_is_up_to_16_hexadecimal_digits(void **state)
{
	static const char *const bad[] = {
		"", "-1", "+1", " 1", "1 ", "0x1", "g", "00000000000000001",
		"8000000000000000", "ffffffffffffffff",
	};
	uint64_t v;

	(void)state;
	ALL(bad, !chunk_size_parse(t, &v));
	assert_true(chunk_size_parse(TEXT("0000000000000aF0"), &v) &&
	    v == 0xaf0);
	assert_true(chunk_size_parse(TEXT("7fffffffffffffff"), &v) &&
	    v == INT64_MAX);
}

static void
only_chunked_is_a_coding(void **state)
{
	static const char *const bad[] = {
		"", "gzip", "gzip, chunked", "chunked, chunked", "chunked;q=1",
		"xchunked", "chunked ", "identity",
	};

	(void)state;
	assert_true(transfer_encoding_is_chunked(TEXT("cHUNKed")));
	ALL(bad, !transfer_encoding_is_chunked(t));
}

static void
chunk_extensions_follow_their_grammar(void **state)
{
	static const char *const fine[] = {
		"", ";a", ";a=b", ";a=\"b\"", " ; a = b\t;c", ";a;b;c=\"\"",
		";a=\"\\\"\\\\;\"", ";a=\"\xff\t \"",
	};
	static const char *const bad[] = {
		" ", ";", ";;", ";a;", ";=b", ";a=", ";a= ", ";a=\"b",
		";a=\"b\"c", ";a b", "a", ";a=\"b\\", ";a=\"\x01\"", ";a ",
		";a=b=c", ";a=\"\\\x7f\"",
	};

	(void)state;
	ALL(fine, chunk_extensions_are_valid(t));
	ALL(bad, !chunk_extensions_are_valid(t));
}

static void
authorities_are_a_host_and_maybe_a_port(void **state)
{
	static const char *const fine[] = {
		"h", "H.example", "h.", "h:", "h:1", "h:65535", "h:00080",
		"127.0.0.1:9080", "[::1]", "[::1]:9080", "[::ffff:1.2.3.4]:1",
		"a%2db", "a_b~!$&'()*+;=",
	};
	static const char *const bad[] = {
		"", ":", ":80", "h:65536", "h:123456", "h:8a", "h:-1", "h:0",
		"u@h", "u:p@h", "a,b", "h/", "h/x", "a b", "h?x", "h#x",
		"h\\x", "h%", "h%2", "h%zz", "[::1", "::1", "[]", "[::1]x",
		"[::1]x:80", "[::g]", "[fe80::1%25eth0]", "[v1.a]", "x[::1]",
		"h:1:2", "a..b", ".a", ".", "h\x80", "h\t", "[127.0.0.1]",
		"[1:2:3:4:5:6:7:8:9:10:11:12:13:14:15:16:17:18:19:20:21:22]",
	};
	struct authority a;

	(void)state;
	ALL(fine, authority_parse(t, &a));
	ALL(bad, !authority_parse(t, &a));
	assert_true(authority_parse(TEXT("[::1]:81"), &a));
	assert_true(text_eq(a.host, TEXT("[::1]")) && a.port == 81);
	assert_false(authority_parse((struct text){ "[::1\0]", 6 }, &a));
}

static bool
agree(const char *a, const char *b, unsigned port)
{
	struct authority x, y;

	assert_true(authority_parse(text_of(a), &x));
	assert_true(authority_parse(text_of(b), &y));
	return authority_agrees(&x, &y, port);
}

static void
authorities_agree_but_for_case_and_default_port(void **state)
{
	(void)state;
	assert_true(agree("h", "H", 80));
	assert_true(agree("h:80", "h", 80));
	assert_true(agree("h", "h:443", 443));
	assert_true(agree("h:", "h", 80));
	assert_false(agree("h:80", "h", 443));
	assert_false(agree("h", "h.", 80));
	assert_false(agree("h:1", "h:2", 80));
	assert_false(agree("a", "b", 80));
}

static bool
is_target(struct text t)
{
	return target_end(t.p) == t.p + t.n;
}

static void
targets_hold_bytes_of_rfc_3986_and_those_clients_send_raw(void **state)
{
	static const char *const fine[] = {
		"*", "/", "/a/b;c=d,e?f=g&h[]=i/?", "/%41%fF", "/?",
		"/:@!$&'()*+,;=-._~", "/{}[]|^`", "/?{}[]|^`\"<>\\",
		"http://[::1]/",
	};
	static const char *const bad[] = {
		"/#", "/a b", "/\"", "/<", "/>", "/\\", "/%", "/%4", "/%4g",
		"/\x80", "/\x7f", "/\x01", "/?#", "/?%", "/? ", "/?\xc3",
	};

	(void)state;
	ALL(fine, is_target(t));
	ALL(bad, !is_target(t));
}

static void
the_end_of_a_target_is_where_it_stops_being_valid(void **state)
{
	const char *s = "/a?b[c]%41 x";

	(void)state;
	assert_ptr_equal(target_end(s), strchr(s, ' '));
	s = "/a<b?c\r";
	assert_ptr_equal(target_end(s), s + 2);
	assert_null(target_end("/%4\r"));
	assert_null(target_end("/%\r"));
}

static void
framing_has_no_place_in_trailers(void **state)
{
	(void)state;
	assert_true(trailer_is_refused(FIELD_CONTENT_LENGTH));
	assert_true(trailer_is_refused(FIELD_TRANSFER_ENCODING));
	assert_false(trailer_is_refused(FIELD_OTHER));
	assert_false(trailer_is_refused(FIELD_DATE));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes_of_bytes_are_those_of_the_rfcs),
		cmocka_unit_test(
		    a_run_of_a_class_ends_with_it_or_with_the_text),
		cmocka_unit_test(tokens_hold_only_their_bytes),
		cmocka_unit_test(
		    disguised_names_are_told_from_true_and_harmless_ones),
		cmocka_unit_test(
		    connection_has_tokens_that_name_nothing_we_rely_on),
		cmocka_unit_test(a_content_length_is_digits_up_to_2_63_1),
		cmocka_unit_test(a_chunk_size_is_up_to_16_hexadecimal_digits),
		cmocka_unit_test(only_chunked_is_a_coding),
		cmocka_unit_test(chunk_extensions_follow_their_grammar),
		cmocka_unit_test(authorities_are_a_host_and_maybe_a_port),
		cmocka_unit_test(
		    authorities_agree_but_for_case_and_default_port),
		cmocka_unit_test(
		    targets_hold_bytes_of_rfc_3986_and_those_clients_send_raw),
		cmocka_unit_test(
		    the_end_of_a_target_is_where_it_stops_being_valid),
		cmocka_unit_test(framing_has_no_place_in_trailers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
