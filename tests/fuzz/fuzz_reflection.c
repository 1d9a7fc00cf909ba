/*
 * The search for a key in bodies, in random pieces, against a plain model: a
 * list of all ways in which each character may be written, tried from every
 * place of the whole body.  What is found, and how much leaves before, must
 * be the same; a body without the key leaves unchanged.
 *
 * Input: a byte that chooses the key, four that decide the pieces, then the
 * body, in which 0x80 and higher stand for the next character of what is
 * looked for, written in one way or another; 0xff begins that anew.
 */
#include "fuzz.h"

#include <string.h>

#include "base/buf.h"
#include "proxy/escape.h"
#include "proxy/reflection.h"

static const char *const values[] = {
	"ab/ab+cd==",
	"aaaaaaab",
	"+/+/+/+/+/=",
	"25252F252F",
	"a%62\\/b&#47;",
	"essu_0123456789abcdefghijklmnopqrstuvwxyz/+==",
	/* "id:0123456789abcdef" */
	"aWQ6MDEyMzQ1Njc4OWFiY2RlZg==",
};

#define VALUES	(sizeof(values) / sizeof(*values))

/* -- the model -- */

/* All ways in which a character may be written, except as it is. */
struct forms {
	char v[400][ESCAPE_MAX + 1];
	size_t n;
};

static void
add_form(struct forms *f, const char *before, const char *what)
{
	int n;

	fuzz_assert(f->n < sizeof(f->v) / sizeof(*f->v));
	n = snprintf(f->v[f->n], sizeof(*f->v), "%s%s", before, what);
	fuzz_assert(n > 0 && n <= ESCAPE_MAX);
	f->n++;
}

/* "2f", "2F" behind what stands before. */
static void
add_hex(struct forms *f, char c, const char *before, const char *behind)
{
	for (int i = 0; i < 4; i++) {
		char digits[8];

		(void)snprintf(digits, sizeof(digits), "%c%c%s",
		    (i & 1 ? "0123456789abcdef" : "0123456789ABCDEF")
		    [(unsigned)c >> 4],
		    (i & 2 ? "0123456789abcdef" : "0123456789ABCDEF")
		    [c & 15], behind);
		add_form(f, before, digits);
	}
}

static void
add_literals(struct forms *f, char c)
{
	char before[12] = "";

	for (size_t i = 0; i < 7; i++) {
		strcpy(before + i, "\\");
		if (c == '/')
			add_form(f, before, "/");
		strcpy(before + i, "\\u00");
		add_hex(f, c, before, "");
		strcpy(before + i, "\\x");
		add_hex(f, c, before, "");
	}
}

static void
add_entities(struct forms *f, char c, const char *before)
{
	static const char zeros[] = "00000";
	const char *names[128] = { ['/'] = "sol;", ['+'] = "plus;",
	    ['='] = "equals;", ['_'] = "lowbar;", ['.'] = "period;",
	    [':'] = "colon;" };
	char text[16];

	if (names[(unsigned)c] != NULL)
		add_form(f, before, names[(unsigned)c]);
	for (int i = 2; i <= 7; i++) {
		if (i == 2 && c >= 100)
			continue;
		(void)snprintf(text, sizeof(text), "#%0*d;", i, c);
		add_form(f, before, text);
	}
	for (int i = 0; i <= 5; i++) {
		(void)snprintf(text, sizeof(text), "%s#x%.*s", before, i,
		    zeros);
		add_hex(f, c, text, ";");
		*strchr(text, 'x') = 'X';
		add_hex(f, c, text, ";");
	}
}

/* Made once for each character. */
static const struct forms *
forms_of(char c)
{
	static struct forms all[128];
	struct forms *f = &all[(unsigned)c];

	if (f->n != 0)
		return f;
	add_hex(f, c, "%", "");
	add_hex(f, c, "%25", "");
	add_hex(f, c, "%2525", "");
	add_literals(f, c);
	add_entities(f, c, "&");
	add_entities(f, c, "&amp;");
	return f;
}

/* How long the form is with which a text begins, or 0. */
static size_t
form_length(const struct forms *f, struct text t)
{
	for (size_t i = 0; i < f->n; i++) {
		if (text_starts_with(t, text_of(f->v[i])))
			return strlen(f->v[i]);
	}
	return 0;
}

/* Where a needle that begins at p ends, or NULL. */
static const char *
needle_end(const struct needle *needle, const char *p, const char *end)
{
	for (size_t i = 0; i < needle->text.n; i++) {
		char c = needle->text.p[i];
		const struct forms *f = forms_of(c);
		struct text rest = text_range(p, end);
		size_t n = rest.n != 0 && *p == c ? 1 : 0;

		if (n == 0 && needle->escaped && rest.n != 0 &&
		    strchr("%\\&", *p) != NULL)
			n = form_length(f, rest);
		if (n == 0)
			return NULL;
		p += n;
	}
	return p;
}

/* Where the key begins that ends first, or the body's length. */
static size_t
model(const struct needles *ns, struct text body)
{
	const char *end = body.p + body.n, *first_end = NULL, *start = end;

	for (size_t i = 0; i < ns->n; i++) {
		for (const char *p = body.p; p < end; p++) {
			const char *e = needle_end(&ns->v[i], p, end);

			if (e != NULL && (first_end == NULL ||
			    e < first_end)) {
				first_end = e;
				start = p;
			}
		}
	}
	return (size_t)(start - body.p);
}

/* -- what is tested -- */

/* What left; false where the key was found. */
static bool
pass(const struct needles *ns, struct text body, uint32_t seed,
    struct buf *out)
{
	struct reflection r;
	struct text first, second;
	bool passed = true;

	reflection_start(&r, ns, NULL);
	while (passed && body.n != 0) {
		struct text piece = { .p = body.p,
		    .n = fuzz_piece(&seed, body.n) };

		body = text_range(body.p + piece.n, body.p + body.n);
		passed = reflection_pass(&r, piece, &first, &second);
		if (!passed)
			break;
		buf_append_text(out, first);
		buf_append_text(out, second);
		fuzz_assert(buf_len(&r.held) - r.passed < ns->reach ||
		    ns->reach == 0);
	}
	if (passed)
		buf_append_text(out, reflection_rest(&r));
	reflection_release(&r);
	return passed;
}

static void
check(const struct needles *ns, struct text body, uint32_t seed)
{
	size_t start = model(ns, body);
	struct buf out;
	bool passed;

	buf_init(&out, NULL);
	passed = pass(ns, body, seed, &out);
	fuzz_assert(passed == (start == body.n));
	fuzz_assert(passed ? buf_len(&out) == body.n :
	    buf_len(&out) <= start);
	fuzz_assert(text_starts_with(body, buf_text(&out)));
	fuzz_assert(needles_found(ns, body) == !passed);
	buf_release(&out);
}

/* -- the input -- */

static void
write_body(const struct needle *needle, const uint8_t *p, size_t n,
    struct buf *body)
{
	size_t i = 0;

	for (; n != 0; p++, n--) {
		const struct forms *f = forms_of(needle->text.p[i]);

		if (*p == 0xff) {
			i = 0;
		} else if (*p < 0x80) {
			buf_append(body, p, 1);
		} else {
			size_t form = (*p * 5 + i * 37) % (f->n + 40);

			if (form < f->n)
				buf_append_text(body, text_of(f->v[form]));
			else
				buf_append(body, &needle->text.p[i], 1);
			i = (i + 1) % needle->text.n;
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct needles all[VALUES];
	struct needles *ns;
	struct buf body;
	uint32_t seed;

	if (n < 5 || n > 600)
		return 0;
	ns = &all[p[0] % VALUES];
	if (ns->n == 0) {
		const char *value = values[p[0] % VALUES];
		struct conf_key key = { .value = secret_new(strlen(value)) };

		memcpy(secret_bytes(key.value), value, strlen(value));
		needles_init(ns, &key);
		secret_free(key.value);
	}
	memcpy(&seed, p + 1, sizeof(seed));
	buf_init(&body, NULL);
	write_body(&ns->v[p[0] / VALUES % ns->n], p + 5, n - 5, &body);
	check(ns, buf_text(&body), seed);
	buf_release(&body);
	return 0;
}
