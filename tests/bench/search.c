/*
 * What it costs to look for a key in the body of a response, by kind of key
 * and of body: microseconds per MiB, the least of many rounds.  No body holds
 * the key.  Called by the benchmark.
 *
 *	search [ROUNDS]
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../unit/upstream/secret_patterns_of.h"
#include "base/base64.h"
#include "base/buf.h"
#include "upstream/secret_patterns.h"

#define BODY		((size_t)1 << 20)
#define PIECE		((size_t)16 * 1024)	/* as TLS delivers it */

/* -- bodies -- */

static char
digit(void)
{
	return "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	       "0123456789+/"[rand() % 64];
}

/* Lower case, as names and identifiers are. */
static void
put_word(struct buf *b)
{
	for (int n = 3 + rand() % 10; n > 0; n--)
		buf_printf(b, "%c", 'a' + rand() % 26);
}

static void
put_json(struct buf *b)
{
	buf_printf(b, "{\"");
	put_word(b);
	buf_printf(b, "\":%d,\"id\":\"", rand());
	for (int i = 0; i < 32; i++)
		buf_printf(b, "%c", "0123456789abcdef"[rand() % 16]);
	buf_printf(b, "\",\"");
	put_word(b);
	buf_printf(b, "\":{\"href\":\"https://");
	put_word(b);
	buf_printf(b, ".example.com/api/v1/");
	put_word(b);
	buf_printf(b, "/%d\",\"enabled\":true,\"", rand() % 1000);
	put_word(b);
	buf_printf(b, "\":[1,2,3]}},\n");
}

static void
put_base64(struct buf *b)
{
	for (int i = 0; i < 256; i++)
		buf_printf(b, "%c", digit());
	buf_printf(b, "\n");
}

/* What put writes, each byte as the form has it. */
static void
put_written(struct buf *b, void (*put)(struct buf *),
    void (*form)(struct buf *, char))
{
	struct buf plain;
	struct text t;

	buf_init(&plain, NULL);
	put(&plain);
	t = buf_text(&plain);
	for (size_t i = 0; i < t.n; i++)
		form(b, t.p[i]);
	buf_release(&plain);
}

static void
as_php(struct buf *b, char c)
{
	buf_printf(b, c == '/' ? "\\%c" : "%c", c);
}

static void
as_string(struct buf *b, char c)
{
	buf_printf(b, c == '"' || c == '\\' ? "\\%c" : "%c", c);
}

static void
as_html(struct buf *b, char c)
{
	if (c == '"')
		buf_printf(b, "&quot;");
	else if (c == '/')
		buf_printf(b, "&#x2F;");
	else
		buf_printf(b, "%c", c);
}

static void
as_form(struct buf *b, char c)
{
	buf_printf(b, ascii_is_alnum(c) || c == '.' ? "%c" : "%%%02X", c);
}

static void
as_numbers(struct buf *b, char c)
{
	buf_printf(b, "&#%d;", c);
}

static void
as_percent(struct buf *b, char c)
{
	buf_printf(b, "%%%02x", c);
}

static void
as_unicode(struct buf *b, char c)
{
	buf_printf(b, "\\u%04x", c);
}

static void
as_it_is(struct buf *b, char c)
{
	buf_append(b, &c, 1);
}

static const struct kind {
	const char *name;
	void (*put)(struct buf *);
	void (*form)(struct buf *, char);
} kinds[] = {
	{ "JSON", put_json, as_it_is },
	{ "base64", put_base64, as_it_is },
	{ "JSON with \\/", put_json, as_php },
	{ "JSON in a string", put_json, as_string },
	{ "JSON in HTML", put_json, as_html },
	{ "JSON in a form", put_json, as_form },
	{ "base64 in a form", put_base64, as_form },
	{ "all as %61", put_json, as_percent },
	{ "base64, all as %61", put_base64, as_percent },
	{ "all as &#97;", put_json, as_numbers },
	{ "base64, all as &#97;", put_base64, as_numbers },
	{ "all as \\u0061", put_json, as_unicode },
	{ "base64, all as \\u0061", put_base64, as_unicode },
};

/* -- keys -- */

/* "essu_" and what stands for nothing else. */
static struct secret_patterns
plain_key(void)
{
	char value[100] = "essu_";

	for (size_t i = 5; i < 69; i++)
		value[i] = digit();
	return secret_patterns_of(value);
}

/* "essu_" and base64 of base64 of "id:secret", as Elastic's are. */
static struct secret_patterns
nested_key(void)
{
	char plain[41], inner[80], value[200] = "essu_";
	size_t n;

	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = i == 20 ? ':' : digit();
	base64_encode_padded((uint8_t *)plain, sizeof(plain), inner);
	n = BASE64_PADDED_LEN(sizeof(plain));
	memcpy(inner + n, "checksum", 8);
	base64_encode_padded((uint8_t *)inner, n + 8, value + 5);
	return secret_patterns_of(value);
}

/* -- the measure -- */

static double
now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static double
measure(const struct secret_patterns *ns, struct text body, int rounds)
{
	double best = 0;

	for (int i = 0; i < rounds; i++) {
		double began = now_us(), spent;

		for (size_t at = 0; at < body.n; at += PIECE) {
			struct text piece = { .p = body.p + at, .n = PIECE };

			if (secret_patterns_search(ns, piece).found)
				errx(1, "found what is not there");
		}
		spent = now_us() - began;
		if (i == 0 || spent < best)
			best = spent;
	}
	return best;
}

int
main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 200;
	struct secret_patterns plain, nested;

	srand(1);
	plain = plain_key();
	nested = nested_key();
	printf("%-24s %10s %10s\n", "us per MiB", "plain key", "nested");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct buf body;
		struct text t;

		buf_init(&body, NULL);
		while (buf_len(&body) < BODY)
			put_written(&body, kinds[i].put, kinds[i].form);
		t = (struct text){ .p = buf_text(&body).p, .n = BODY };
		printf("%-24s %10.0f %10.0f\n", kinds[i].name,
		    measure(&plain, t, rounds), measure(&nested, t, rounds));
		buf_release(&body);
	}
	secret_patterns_drop(&plain);
	secret_patterns_drop(&nested);
	return 0;
}
