/*
 * The search for a key in bodies, in random pieces, against a plain model.
 * Both must find the same, and no more than a few bytes of it may leave before;
 * a body without the key leaves unchanged.
 *
 * Input: a byte that chooses the key, four that decide the pieces, then the
 * body, in which 0x80 and higher stand for the next character of the key,
 * written in one way or another; 0xff begins the key anew.
 */
#include "fuzz.h"

#include <string.h>

#include "../lib/secret_patterns_model.h"
#include "../unit/upstream/secret_patterns_of.h"
#include "base/buf.h"
#include "upstream/reflection.h"

/* The patterns of one key alone. */
#define ONE(ns)	(&(const struct secret_set){ .v = { ns }, .n = 1 })

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

/* -- what is tested -- */

/* The bytes that left; false if the key was found. */
static bool
pass(const struct secret_patterns *ns, struct text body, uint32_t seed,
    struct buf *out)
{
	struct reflection r;
	struct text first, second;
	bool passed = true;

	reflection_start(&r, NULL);
	while (passed && body.n != 0) {
		struct text piece = { .p = body.p,
		    .n = fuzz_piece(&seed, body.n) };

		body = text_range(body.p + piece.n, body.p + body.n);
		passed = reflection_pass(&r, ONE(ns), piece, &first, &second);
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
check(const struct secret_patterns *ns, struct text body, uint32_t seed)
{
	size_t start = secret_patterns_model(ns, body);
	struct buf out;
	bool passed;

	buf_init(&out, NULL);
	passed = pass(ns, body, seed, &out);
	fuzz_assert(passed == (start == body.n));
	fuzz_assert(passed ? buf_len(&out) == body.n :
	    buf_len(&out) < start + REFLECTION_HELD);
	fuzz_assert(text_starts_with(body, buf_text(&out)));
	fuzz_assert(secret_patterns_found(ns, body) == !passed);
	buf_release(&out);
}

/* -- the input -- */

static void
write_body(const struct secret_pattern *pattern, const uint8_t *p, size_t n,
    struct buf *body)
{
	size_t i = 0;

	for (; n != 0; p++, n--) {
		const char c = pattern->text.p[i];

		if (*p == 0xff) {
			i = 0;
		} else if (*p < 0x80) {
			buf_append(body, p, 1);
		} else {
			secret_patterns_model_write(c, *p * 5 + i * 37, body);
			i = (i + 1) % pattern->text.n;
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct secret_patterns all[VALUES];
	struct secret_patterns *ns;
	struct buf body;
	uint32_t seed;

	if (n < 5 || n > 600)
		return 0;
	ns = &all[p[0] % VALUES];
	if (ns->n == 0)
		*ns = secret_patterns_of(values[p[0] % VALUES]);
	memcpy(&seed, p + 1, sizeof(seed));
	buf_init(&body, NULL);
	write_body(&ns->v[p[0] / VALUES % ns->n], p + 5, n - 5, &body);
	check(ns, buf_text(&body), seed);
	buf_release(&body);
	return 0;
}
