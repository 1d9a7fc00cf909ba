/*
 * References in responses: one that leads to the server becomes a path without
 * scheme, host and dot segments, which leads to itself.  The input is a base
 * and a value with a line end between them.
 */
#include "fuzz.h"

#include <string.h>

#include "http/reference.h"

static void
check_path(struct text target)
{
	struct text path, segment;

	fuzz_assert(target.n != 0 && target.p[0] == '/');
	fuzz_assert(!text_starts_with(target, TEXT("//")));
	fuzz_assert(!text_contains(target, TEXT("\\")));
	fuzz_assert(!text_contains(target, TEXT("#")));
	fuzz_assert(!text_has_control(target));
	(void)text_split(&target, '?', &path);
	while (text_split(&path, '/', &segment)) {
		fuzz_assert(!text_eq(segment, TEXT(".")));
		fuzz_assert(!text_eq(segment, TEXT("..")));
	}
}

/* Whether it may have been sent: the guard lets nothing else through. */
static bool
is_target(struct text t)
{
	if (t.n == 0 || t.p[0] != '/')
		return false;
	for (size_t i = 0; i < t.n; i++) {
		if (!char_is(t.p[i], CHAR_TARGET) && t.p[i] != '%' &&
		    t.p[i] != '?')
			return false;
	}
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct blocks *blocks;
	struct text value = { .p = (const char *)p, .n = n }, base;
	struct reference r, again;
	struct authority server;
	struct arena arena;

	if (blocks == NULL)
		blocks = blocks_new(4096, 2);
	if (n == 0 || !text_split(&value, '\n', &base) || value.p == NULL ||
	    !is_target(base))
		return 0;
	fuzz_assert(authority_parse(TEXT("api.example"), &server));
	arena_init(&arena, blocks);
	if (reference_resolve(value, base, &server, &arena, &r)) {
		check_path(r.target);
		fuzz_assert(r.fragment.n == 0 || r.fragment.p[0] == '#');
		fuzz_assert(reference_resolve(r.target, base, &server, &arena,
		    &again));
		fuzz_assert(text_eq(again.target, r.target));
	}
	arena_release(&arena);
	return 0;
}
