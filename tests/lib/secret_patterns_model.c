/*
 * The simple search; see secret_patterns_model.h.
 */
#include "secret_patterns_model.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "upstream/escape.h"

/* All forms of a character, except as it is. */
struct forms {
	char v[400][ESCAPE_MAX + 1];
	size_t n;
};

static void
add_form(struct forms *f, const char *before, const char *what)
{
	int n;

	assert(f->n < sizeof(f->v) / sizeof(*f->v));
	n = snprintf(f->v[f->n], sizeof(*f->v), "%s%s", before, what);
	assert(n > 0 && n <= ESCAPE_MAX);
	f->n++;
}

/* Adds "2f" and "2F" after a prefix. */
static void
add_hex(struct forms *f, char c, const char *before, const char *behind)
{
	for (int i = 0; i < 4; i++) {
		char digits[8];

		(void)snprintf(digits, sizeof(digits), "%c%c%s",
		    (i & 1 ? "0123456789abcdef" : "0123456789ABCDEF")
		    [(unsigned)c >> 4],
		    (i & 2 ? "0123456789abcdef" : "0123456789ABCDEF")
		    [c & 15], behind);
		add_form(f, before, digits);
	}
}

static void
add_literals(struct forms *f, char c)
{
	char before[12] = "";

	for (size_t i = 0; i < 7; i++) {
		strcpy(before + i, "\\");
		if (c == '/')
			add_form(f, before, "/");
		strcpy(before + i, "\\u00");
		add_hex(f, c, before, "");
		strcpy(before + i, "\\x");
		add_hex(f, c, before, "");
	}
}

static void
add_entities(struct forms *f, char c, const char *before)
{
	static const char zeros[] = "00000";
	const char *names[128] = { ['/'] = "sol;", ['+'] = "plus;",
	    ['='] = "equals;", ['_'] = "lowbar;", ['.'] = "period;",
	    [':'] = "colon;" };
	char text[16];

	if (names[(unsigned)c] != NULL)
		add_form(f, before, names[(unsigned)c]);
	for (int i = 2; i <= 7; i++) {
		if (i == 2 && c >= 100)
			continue;
		(void)snprintf(text, sizeof(text), "#%0*d;", i, c);
		add_form(f, before, text);
	}
	for (int i = 0; i <= 5; i++) {
		(void)snprintf(text, sizeof(text), "%s#x%.*s", before, i,
		    zeros);
		add_hex(f, c, text, ";");
		*strchr(text, 'x') = 'X';
		add_hex(f, c, text, ";");
	}
}

/* Made once for each character. */
static const struct forms *
forms_of(char c)
{
	static struct forms all[128];
	struct forms *f = &all[(unsigned)c];

	if (f->n != 0)
		return f;
	add_hex(f, c, "%", "");
	add_hex(f, c, "%25", "");
	add_hex(f, c, "%2525", "");
	add_literals(f, c);
	add_entities(f, c, "&");
	add_entities(f, c, "&amp;");
	return f;
}

/* The length of the form with which a text begins, or 0. */
static size_t
form_length(const struct forms *f, struct text t)
{
	for (size_t i = 0; i < f->n; i++) {
		if (text_starts_with(t, text_of(f->v[i])))
			return strlen(f->v[i]);
	}
	return 0;
}

/* The end of a pattern that begins at p, or NULL. */
static const char *
needle_end(const struct secret_pattern *pattern, const char *p, const char *end)
{
	for (size_t i = 0; i < pattern->text.n; i++) {
		char c = pattern->text.p[i];
		const struct forms *f = forms_of(c);
		struct text rest = text_range(p, end);
		size_t n = rest.n != 0 && *p == c ? 1 : 0;

		if (n == 0 && pattern->escaped && rest.n != 0 &&
		    strchr("%\\&", *p) != NULL)
			n = form_length(f, rest);
		if (n == 0)
			return NULL;
		p += n;
	}
	return p;
}

size_t
secret_patterns_model(const struct secret_patterns *ns, struct text body)
{
	const char *end = body.p + body.n, *first_end = NULL, *start = end;

	for (size_t i = 0; i < ns->n; i++) {
		for (const char *p = body.p; p < end; p++) {
			const char *e = needle_end(&ns->v[i], p, end);

			if (e != NULL && (first_end == NULL ||
			    e < first_end)) {
				first_end = e;
				start = p;
			}
		}
	}
	return (size_t)(start - body.p);
}

void
secret_patterns_model_write(char c, size_t number, struct buf *b)
{
	const struct forms *f = forms_of(c);
	size_t form = number % (f->n + 40);

	if (form < f->n)
		buf_append_text(b, text_of(f->v[form]));
	else
		buf_append(b, &c, 1);
}
