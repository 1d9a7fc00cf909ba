/*
 * Recipients in words and files; see recipients.h.
 */
#include "keyfile/recipients.h"

#include <stdint.h>
#include <strings.h>

bool
recipients_has(const struct recipients *r, struct text t)
{
	char text[RECIPIENT_TEXT];

	for (size_t i = 0; i < recipients_count(r); i++) {
		recipients_text(r, i, text);
		if (text_eq(text_of(text), t))
			return true;
	}
	return false;
}

bool
recipients_are_among(const struct recipients *a, const struct recipients *b)
{
	char text[RECIPIENT_TEXT];

	for (size_t i = 0; i < recipients_count(a); i++) {
		recipients_text(a, i, text);
		if (!recipients_has(b, text_of(text)))
			return false;
	}
	return true;
}

static bool
is_identity(struct text t)
{
	static const char prefix[] = "age-secret-key-";
	size_t n = sizeof(prefix) - 1;

	return t.n >= n && strncasecmp(t.p, prefix, n) == 0;
}

bool
recipients_add_word(struct recipients *r, const char *text,
    struct reasons *why)
{
	enum status status;

	if (recipients_has(r, text_of(text)))
		return true;
	/* An identity is secret, so it is not shown. */
	if (is_identity(text_of(text)))
		return reasons_fail(why, "-r: this is an identity, the secret "
		    "that opens: give its recipient, age1...; and now that it "
		    "stood in a command, make a new one");
	status = recipients_add(r, text_of(text));
	return status == STATUS_OK ||
	    reasons_fail(why, "-r %s: %s", text, status_text(status));
}

/* The n-th line of a text, which has as many. */
static struct text
find_line(struct text rest, unsigned n)
{
	struct text line = rest;

	while (n-- != 0 && text_split(&rest, '\n', &line))
		continue;
	return line;
}

static bool
explain_line(const char *file, unsigned line, struct text t,
    enum status status, struct reasons *why)
{
	/* An identity is secret, so it is not shown. */
	if (is_identity(t))
		return reasons_fail(why, "%s:%u: this is an identity, the "
		    "secret that opens: give its recipient, age1..., which "
		    "the comment '# public key:' in such a file tells", file,
		    line);
	return reasons_fail(why, "%s:%u: %s", file, line,
	    status_text(status));
}

bool
recipients_add_lines(struct recipients *r, const char *file, struct text t,
    struct reasons *why)
{
	unsigned line;
	enum status status = recipients_parse(r, (const uint8_t *)t.p, t.n,
	    &line);

	if (status == STATUS_OK)
		return true;
	if (line != 0)
		return explain_line(file, line, find_line(t, line), status,
		    why);
	return reasons_fail(why, "%s: holds no recipient", file);
}
