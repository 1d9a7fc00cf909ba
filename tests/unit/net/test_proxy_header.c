/*
 * net/proxy_header: every byte that makes a header, and what is none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h needs the four of them. */
#include <cmocka.h>

#include "net/proxy_header.h"

#define BYTES(s)	s, sizeof(s) - 1

#define SIGN	"\r\n\r\n\0\r\nQUIT\n"
#define V4	"\xc0\x00\x02\x07" "\x0a\x00\x00\x01" "\xc3\x50\x01\xbb"
#define V6A	"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07"
#define V6	V6A V6A "\xc3\x50\x01\xbb"

struct sample {
	const char *bytes;
	size_t n;
	const char *client;		/* "" for LOCAL */
	const char *fault;		/* a part of it */
};

static const struct sample whole[] = {
	{ BYTES(SIGN "\x21\x11\0\x0c" V4), "192.0.2.7:50000", NULL },
	{ BYTES(SIGN "\x21\x21\0\x24" V6), "[2001:db8::7]:50000", NULL },
	{ BYTES(SIGN "\x21\x11\0\x0f" V4 "\x04\0\0"), "192.0.2.7:50000",
	    NULL },
	{ BYTES(SIGN "\x21\x11\0\x14" V4 "\x04\0\x02xy\x01\0\0"),
	    "192.0.2.7:50000", NULL },
	{ BYTES(SIGN "\x21\x21\0\x27" V6 "\xff\0\0"), "[2001:db8::7]:50000",
	    NULL },
	{ BYTES(SIGN "\x20\0\0\0"), "", NULL },
	{ BYTES(SIGN "\x20\x11\0\x0c" V4), "", NULL },
	{ BYTES(SIGN "\x20\xff\0\x03xyz"), "", NULL },
};

static const struct sample bad[] = {
	{ BYTES("G"), NULL, "does not begin" },
	{ BYTES("\r\n\r\n\0\r\nQUIX"), NULL, "does not begin" },
	{ BYTES("\r\n\r\nGET"), NULL, "does not begin" },
	{ BYTES("PROXX"), NULL, "does not begin" },
	{ BYTES("PROXY TCP4 192.0.2.7 10.0.0.1 1 2\r\n"), NULL, "version 1" },
	{ BYTES("\x16\x03\x01"), NULL, "TLS" },
	{ BYTES(SIGN "\x11"), NULL, "version other" },
	{ BYTES(SIGN "\x31"), NULL, "version other" },
	{ BYTES(SIGN "\x00"), NULL, "version other" },
	{ BYTES(SIGN "\x22"), NULL, "command" },
	{ BYTES(SIGN "\x2f"), NULL, "command" },
	{ BYTES(SIGN "\x21\x00"), NULL, "UNSPEC" },
	{ BYTES(SIGN "\x21\x31"), NULL, "UNIX" },
	{ BYTES(SIGN "\x21\x12"), NULL, "family" },
	{ BYTES(SIGN "\x21\x22"), NULL, "family" },
	{ BYTES(SIGN "\x21\x01"), NULL, "family" },
	{ BYTES(SIGN "\x21\x41"), NULL, "family" },
	{ BYTES(SIGN "\x21\x11\0\x0b"), NULL, "too short" },
	{ BYTES(SIGN "\x21\x21\0\x23"), NULL, "too short" },
	{ BYTES(SIGN "\x21\x11\0\0"), NULL, "too short" },
	{ BYTES(SIGN "\x21\x11\x0f\xf1"), NULL, "longer" },
	{ BYTES(SIGN "\x20\x00\xff\xff"), NULL, "longer" },
	{ BYTES(SIGN "\x21\x11\0\x0d" V4 "\x04"), NULL, "TLV" },
	{ BYTES(SIGN "\x21\x11\0\x0e" V4 "\x04\0"), NULL, "TLV" },
	{ BYTES(SIGN "\x21\x11\0\x0f" V4 "\x04\0\x01"), NULL, "TLV" },
	{ BYTES(SIGN "\x21\x11\0\x10" V4 "\x04\0\0\x04"), NULL, "TLV" },
	{ BYTES(SIGN "\x21\x11\0\x0f" V4 "\x04\xff\xff"), NULL, "TLV" },
};

/*
 * As the first n bytes say, in memory of exactly that size.  What is wanted is
 * more than there is, and not more than the header has.
 */
static enum proxy_header_state
look(const struct sample *s, size_t n, struct proxy_header *h)
{
	uint8_t *copy = malloc(n != 0 ? n : 1);
	enum proxy_header_state state;

	memcpy(copy, s->bytes, n);
	state = proxy_header_read(copy, n, h);
	free(copy);
	if (state == PROXY_HEADER_PART)
		assert_in_range(h->wanted, n + 1, PROXY_HEADER_MOST);
	return state;
}

static void
assert_client(const struct sample *s, const struct proxy_header *h)
{
	char text[ADDR_TEXT];
	struct addr a;

	assert_int_equal(h->local, s->client[0] == '\0');
	if (h->local)
		return;
	addr_ip_to(&h->client, &a);
	addr_format(&a, text);
	assert_string_equal(text, s->client);
}

static void
a_header_is_whole_with_its_last_byte(void **state)
{
	struct proxy_header h;

	(void)state;
	for (size_t i = 0; i < sizeof(whole) / sizeof(*whole); i++) {
		const struct sample *s = &whole[i];

		for (size_t n = 0; n < s->n; n++) {
			assert_int_equal(look(s, n, &h), PROXY_HEADER_PART);
			assert_in_range(h.wanted, n + 1, s->n);
		}
		assert_int_equal(look(s, s->n, &h), PROXY_HEADER_WHOLE);
		assert_client(s, &h);
	}
}

static void
what_is_none_is_told_by_its_last_byte(void **state)
{
	struct proxy_header h;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		const struct sample *s = &bad[i];
		enum proxy_header_state how = look(s, s->n, &h);

		if (how != PROXY_HEADER_BAD || strstr(h.fault, s->fault) == NULL)
			fail_msg("sample %zu: %d, not %s", i, how, s->fault);
	}
}

/* The longest header that is taken, and one byte more. */
static void
a_header_has_4096_bytes_at_most(void **state)
{
	static uint8_t p[PROXY_HEADER_MOST + 1];
	struct proxy_header h;

	(void)state;
	memcpy(p, SIGN "\x21\x11\x0f\xf0" V4 "\x04\x0f\xe1", 31);
	assert_int_equal(proxy_header_read(p, PROXY_HEADER_MOST, &h),
	    PROXY_HEADER_WHOLE);
	p[15]++;
	assert_int_equal(proxy_header_read(p, 16, &h), PROXY_HEADER_BAD);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_is_whole_with_its_last_byte),
		cmocka_unit_test(what_is_none_is_told_by_its_last_byte),
		cmocka_unit_test(a_header_has_4096_bytes_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
