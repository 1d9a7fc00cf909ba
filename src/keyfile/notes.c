/*
 * Lines about recipients; see notes.h.
 */
#include "keyfile/notes.h"

#include <string.h>

#include "base/buf.h"

#define HEADING	"# Sealed to (change it by `sallyport rekey`):\n"
#define MARK	"# recipient: "

/* The last line, with its newline if there is one. */
static struct text
last_line(struct text t)
{
	const char *end = t.p + t.n;
	const char *newline = t.n < 2 ? NULL : memrchr(t.p, '\n', t.n - 1);

	return text_range(newline != NULL ? newline + 1 : t.p, end);
}

struct text
notes_split(struct text t, struct text *lines)
{
	struct text line, body = t;

	while (body.n != 0) {
		line = last_line(body);
		if (!text_starts_with(line, TEXT(MARK)))
			break;
		body.n -= line.n;
	}
	if (body.n < t.n && text_ends_with(body, TEXT(HEADING)))
		body.n -= sizeof(HEADING) - 1;
	*lines = text_range(t.p + body.n, t.p + t.n);
	return body;
}

bool
notes_next(struct text *lines, struct text *recipient)
{
	struct text line;

	while (lines->n != 0 && text_split(lines, '\n', &line)) {
		if (!text_starts_with(line, TEXT(MARK)))
			continue;
		*recipient = text_trim(text_range(line.p + sizeof(MARK) - 1,
		    line.p + line.n));
		return true;
	}
	return false;
}

struct secret *
notes_write(struct text body, const char *const *recipients, size_t n)
{
	struct secret *out;
	struct buf lines;

	if (n == 0)
		return secret_copy(body.p, body.n);
	buf_init(&lines, NULL);
	for (size_t i = 0; i < n; i++)
		buf_printf(&lines, MARK "%s\n", recipients[i]);
	out = secret_join((const struct text[]){ body, text_line_end(body),
		TEXT(HEADING), buf_text(&lines) }, 4);
	buf_release(&lines);
	return out;
}
