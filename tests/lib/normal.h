/*
 * The normalised form of a target, for tests that compare what two readers
 * see: RFC 3986 section 6.2.2, and what lenient servers do beyond it.
 */
#ifndef TESTS_LIB_NORMAL_H
#define TESTS_LIB_NORMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

static inline bool
normal_is_unreserved(uint64_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
	    c == '~';
}

/*
 * RFC 3986 section 6.2.2: hexadecimal digits in upper case, what needs no
 * encoding decoded.  Returns the length.
 */
static inline size_t
normal_encoding(const char *in, size_t n, char *out)
{
	size_t to = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t c;

		out[to++] = in[i];
		if (in[i] != '%' || n - i < 3 || !text_parse_hex(
		    (struct text){ .p = in + i + 1, .n = 2 }, 0xff, &c))
			continue;
		i += 2;
		if (normal_is_unreserved(c)) {
			out[to - 1] = (char)c;
		} else {
			out[to++] = "0123456789ABCDEF"[c >> 4];
			out[to++] = "0123456789ABCDEF"[c & 15];
		}
	}
	return to;
}

/*
 * Segments without ".", ".." and, as lenient servers do, empty ones; "\" is
 * "/".  path is changed.
 */
static inline size_t
normal_segments(char *path, size_t n)
{
	size_t to = 0, i = 0, len;

	while (i < n) {
		while (i < n && (path[i] == '/' || path[i] == '\\'))
			i++;
		for (len = 0; i + len < n && path[i + len] != '/' &&
		    path[i + len] != '\\'; len++)
			;
		if (len == 2 && memcmp(path + i, "..", 2) == 0) {
			while (to > 0 && path[--to] != '/')
				;
		} else if (len != 0 && !(len == 1 && path[i] == '.')) {
			path[to++] = '/';
			memmove(path + to, path + i, len);
			to += len;
		}
		i += len;
	}
	if (to == 0)
		path[to++] = '/';
	return to;
}

/* The path of target, normalised into out (of its length and one more). */
static inline struct text
normal_target(struct text target, char *out)
{
	struct text path = target;
	size_t n;

	if (!text_split(&target, '?', &path))
		path = TEXT("");
	n = normal_encoding(path.p, path.n, out);
	return (struct text){ .p = out, .n = normal_segments(out, n) };
}

#endif
