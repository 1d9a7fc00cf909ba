/*
 * Pieces of the daemon's state for people; see status_page_parts.h.
 */
#include "cli/status_page_parts.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/span.h"

#define NOTHING		"-"

/* -- pieces -- */

char *
page_age(const struct status_page *p, const struct json_value *time)
{
	char text[SPAN_TEXT];
	int64_t then;

	if (date_parse_strict(json_string(time), &then) != DATE_READ)
		return NULL;
	return xstrdup(span_format_age(text, p->now - then));
}

char *
page_ago(const struct status_page *p, const struct json_value *time)
{
	char *age = page_age(p, time), *ago;

	if (age == NULL)
		return NULL;
	ago = xasprintf("%s ago", age);
	free(age);
	return ago;
}

char *
page_or_nothing(char *text)
{
	return text != NULL ? text : xstrdup(NOTHING);
}

char *
page_copy(struct text t)
{
	return xasprintf("%.*s", TEXT_ARG(t));
}

/* A value that is no group. */
static char *
format_plain(const struct json_value *v)
{
	switch (v->kind) {
	case JSON_STRING:
	case JSON_NUMBER:
		return page_copy(v->text);
	case JSON_BOOL:
		return xstrdup(v->truth ? "yes" : "no");
	case JSON_NULL:
	case JSON_ARRAY:
	case JSON_OBJECT:
		break;
	}
	return xstrdup(NOTHING);
}

/* "a, b" of a group. */
static char *
format_value(const struct json_value *v)
{
	char *all;

	if (v == NULL || v->count == 0)
		return v != NULL ? format_plain(v) : xstrdup(NOTHING);
	all = xstrdup("");
	for (v = v->first; v != NULL; v = v->next) {
		char *one = format_plain(v), *more;

		more = xasprintf("%s%s%s", all, all[0] != '\0' ? ", " : "",
		    one);
		free(one);
		free(all);
		all = more;
	}
	return all;
}

char *
page_member(const struct json_value *object, const char *name)
{
	return format_value(json_member(object, name));
}

/* -- lines -- */

static void
append_blanks(struct buf *out, size_t n)
{
	for (; n > 0; n--)
		buf_append(out, " ", 1);
}

/* One line of a text, in as many as it needs; the further ones are indented. */
static void
append_line(const struct status_page *p, size_t indent, struct text line)
{
	struct text word;
	size_t column = indent;

	append_blanks(p->out, indent);
	while (text_split(&line, ' ', &word)) {
		if (word.n == 0)
			continue;
		if (column > indent && (word.n >= p->width ||
		    column >= p->width - word.n)) {
			buf_append(p->out, "\n", 1);
			append_blanks(p->out, indent + 2);
			column = indent + 2;
		} else if (column > indent) {
			buf_append(p->out, " ", 1);
			column++;
		}
		buf_append_text(p->out, word);
		column += word.n;
	}
	buf_append(p->out, "\n", 1);
}

void
page_lines(const struct status_page *p, size_t indent, char *text)
{
	struct text rest, line;

	text_defuse(text, "\n");
	rest = text_of(text);
	while (text_split(&rest, '\n', &line)) {
		if (line.n != 0)
			append_line(p, indent, line);
	}
	free(text);
}
