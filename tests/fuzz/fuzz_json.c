/*
 * JSON that is read: any bytes are read without harm; what is taken is JSON
 * again when it is written, and is read as the same tree.
 */
#include "fuzz.h"

#include "base/json.h"
#include "base/json_read.h"

static void
check_utf8(struct text t)
{
	for (size_t i = 0; i < t.n;) {
		const uint8_t *s = (const uint8_t *)t.p + i;
		size_t n = *s < 0x80 ? 1 : json_utf8_length(s, t.n - i);

		fuzz_assert(n != 0);
		i += n;
	}
}

/* Writes the tree. */
static void
put(struct buf *out, const struct json_value *v)
{
	const char *comma = "";

	switch (v->kind) {
	case JSON_NULL:
		buf_printf(out, "null");
		return;
	case JSON_BOOL:
		buf_printf(out, v->truth ? "true" : "false");
		return;
	case JSON_NUMBER:
		buf_append_text(out, v->text);
		return;
	case JSON_STRING:
		check_utf8(v->text);
		json_put(out, TEXT("\""), v->text);
		return;
	case JSON_ARRAY:
	case JSON_OBJECT:
		break;
	}
	buf_printf(out, v->kind == JSON_OBJECT ? "{" : "[");
	for (const struct json_value *m = v->first; m != NULL; m = m->next) {
		buf_printf(out, "%s", comma);
		if (v->kind == JSON_OBJECT) {
			check_utf8(m->name);
			json_put(out, TEXT("\""), m->name);
			buf_printf(out, ":");
		}
		put(out, m);
		comma = ",";
	}
	buf_printf(out, v->kind == JSON_OBJECT ? "}" : "]");
}

static void
check_same(const struct json_value *a, const struct json_value *b)
{
	const struct json_value *x, *y;
	int64_t ours, theirs;

	fuzz_assert(a->kind == b->kind && a->truth == b->truth);
	fuzz_assert(text_eq(a->text, b->text) && text_eq(a->name, b->name));
	fuzz_assert(a->count == b->count);
	if (json_whole(a, &ours))
		fuzz_assert(json_whole(b, &theirs) && ours == theirs);
	for (x = a->first, y = b->first; x != NULL && y != NULL;
	    x = x->next, y = y->next)
		check_same(x, y);
	fuzz_assert(x == NULL && y == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct blocks *blocks = blocks_new(4096, 4);
	struct arena arena;
	const struct json_value *v, *again;
	struct buf out;

	arena_init(&arena, blocks);
	buf_init(&out, NULL);
	v = json_read(&arena, (struct text){ .p = (const char *)data,
	    .n = size });
	if (v != NULL) {
		put(&out, v);
		again = json_read(&arena, buf_text(&out));
		fuzz_assert(again != NULL);
		check_same(v, again);
		(void)json_string(json_member(v, "name"));
	}
	buf_release(&out);
	arena_release(&arena);
	blocks_free(blocks);
	return 0;
}
