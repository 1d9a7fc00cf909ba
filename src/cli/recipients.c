/*
 * Recipients on the command line; see recipients.h.
 */
#include "cli/recipients.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/input.h"
#include "cli/say.h"
#include "conf/source.h"

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

static bool
add_given(struct recipients *r, const char *text)
{
	enum status status;

	if (recipients_has(r, text_of(text)))
		return true;
	if (is_identity(text_of(text))) {
		/* A secret: not shown. */
		(void)say_failed("-r: this is an identity, the secret that "
		    "opens: give its recipient, age1...; and now that it "
		    "stood in a command, make a new one");
		return false;
	}
	status = recipients_add(r, text_of(text));
	if (status == STATUS_OK)
		return true;
	(void)say_failed("-r %s: %s", text, status_text(status));
	return false;
}

/* The n-th line of a text that has so many. */
static struct text
find_line(struct text rest, unsigned n)
{
	struct text line = rest;

	while (n-- != 0 && text_split(&rest, '\n', &line))
		continue;
	return line;
}

static void
explain_line(const char *file, unsigned line, struct text t,
    enum status status)
{
	if (is_identity(t))
		/* A secret: not shown. */
		(void)say_failed("%s:%u: this is an identity, the secret "
		    "that opens: give its recipient, age1..., which the "
		    "comment '# public key:' in such a file tells", file,
		    line);
	else
		(void)say_failed("%s:%u: %s", file, line,
		    status_text(status));
}

static bool
add_file(struct recipients *r, const char *file)
{
	const char *name = source_name(file);
	struct secret *bytes = input_read(file, FILE_OBEYED, "recipients",
	    INPUT_MAX);
	enum status status;
	unsigned line;

	if (bytes == NULL)
		return false;
	status = recipients_parse(r, secret_read(bytes), secret_len(bytes),
	    &line);
	if (status != STATUS_OK && line != 0)
		explain_line(name, line, find_line(secret_text(bytes), line),
		    status);
	else if (status != STATUS_OK)
		(void)say_failed("%s: holds no recipient", name);
	secret_free(bytes);
	return status == STATUS_OK;
}

struct recipients *
recipients_given(const struct cli_args *args)
{
	struct recipients *r = recipients_new();
	bool good = true;

	for (size_t i = 0; good && i < args->n_given; i++) {
		const struct cli_given *g = &args->given[i];

		if (g->option->letter == 'r')
			good = add_given(r, g->value);
		else if (g->option->letter == 'R')
			good = add_file(r, g->value);
	}
	if (good)
		return r;
	recipients_free(r);
	return NULL;
}
