/*
 * Text within HTML; see html.h.
 */
#include "base/html.h"

/* What stands for a byte, or NULL: the byte itself does. */
static const char *
stand_in(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case '\t':
	case '\n':
		return NULL;
	default:
		return (unsigned char)c < 0x20 || c == 0x7f ? "\xef\xbf\xbd" :
		    NULL;
	}
}

void
html_escape(struct buf *out, struct text t)
{
	size_t from = 0;

	for (size_t i = 0; i < t.n; i++) {
		const char *other = stand_in(t.p[i]);

		if (other == NULL)
			continue;
		buf_append(out, &t.p[from], i - from);
		buf_append_text(out, text_of(other));
		from = i + 1;
	}
	buf_append(out, &t.p[from], t.n - from);
}
