/*
 * Telling encodings of texts apart; see encoding.h.  It does not know what they
 * say.
 */
#include "base/encoding.h"

/* Without a mark, at most and at least so many characters are looked at. */
#define LOOK_MAX	32
#define LOOK_MIN	2

size_t
encoding_mark(struct text t)
{
	static const struct text mark = { .p = "\xef\xbb\xbf", .n = 3 };

	return text_starts_with(t, mark) ? mark.n : 0;
}

/* All characters are below 256 and none is NUL. */
static bool
is_latin(struct text t, size_t low)
{
	size_t n = t.n / 2 < LOOK_MAX ? t.n / 2 : LOOK_MAX;

	for (size_t i = 0; i < n; i++) {
		if (t.p[2 * i + low] == '\0' || t.p[2 * i + 1 - low] != '\0')
			return false;
	}
	return n >= LOOK_MIN;
}

bool
encoding_is_utf16(struct text t)
{
	static const struct text little = { .p = "\xff\xfe", .n = 2 };
	static const struct text big = { .p = "\xfe\xff", .n = 2 };

	return text_starts_with(t, little) || text_starts_with(t, big) ||
	    is_latin(t, 0) || is_latin(t, 1);
}
