/*
 * Request targets as bytes; see target.h.  Knows no routes.  Called where an
 * exchange begins, by the judge and by `explain`.
 */
#include "proxy/target.h"

#include <stdbool.h>

#include "http/rules.h"

static size_t
count_raw(struct text t)
{
	bool in_query = false;
	size_t n = 0;

	for (size_t i = 0; i < t.n; i++) {
		in_query |= t.p[i] == '?';
		if (char_is(t.p[i], CHAR_RAW))
			n += target_takes_raw(t.p[i], in_query);
	}
	return n;
}

struct text
target_encode(struct text t, struct arena *arena)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t raw = count_raw(t), n = 0;
	bool in_query = false;
	char *out;

	if (raw == 0)
		return t;
	out = arena_alloc(arena, t.n + 2 * raw);
	for (size_t i = 0; i < t.n; i++) {
		unsigned char c = (unsigned char)t.p[i];

		in_query |= c == '?';
		if (!target_takes_raw((char)c, in_query)) {
			out[n++] = (char)c;
			continue;
		}
		out[n++] = '%';
		out[n++] = digits[c >> 4];
		out[n++] = digits[c & 15];
	}
	return (struct text){ .p = out, .n = n };
}
