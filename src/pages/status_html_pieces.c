/*
 * Values of the status document in HTML; see status_html_parts.h.
 */
#include "pages/status_html_parts.h"

#include "base/date.h"
#include "base/html.h"
#include "base/span.h"

void
html_put(struct buf *out, const char *markup, struct text t)
{
	buf_append_text(out, text_of(markup));
	html_escape(out, t);
}

static void
put_value(struct buf *out, const struct json_value *v, const char *none)
{
	switch (v->kind) {
	case JSON_STRING:
	case JSON_NUMBER:
		html_escape(out, v->text);
		return;
	case JSON_BOOL:
		html_put(out, v->truth ? "yes" : "no", TEXT(""));
		return;
	case JSON_NULL:
	case JSON_ARRAY:
	case JSON_OBJECT:
		break;
	}
	html_put(out, "", text_of(none));
}

void
html_list(struct buf *out, const struct json_value *list, const char *none)
{
	if (list == NULL || list->count == 0) {
		html_put(out, "", text_of(none));
		return;
	}
	for (const struct json_value *v = list->first; v != NULL; v = v->next) {
		buf_append_text(out, TEXT("<span class=\"name\">"));
		put_value(out, v, none);
		html_put(out, "</span>", v->next != NULL ? TEXT(", ") :
		    TEXT(""));
	}
}

void
html_name_and_state(struct buf *out, const struct html_key *k)
{
	html_put(out, "<span class=\"name\">", k->name);
	html_put(out, "</span> <span class=\"state\">", k->state);
	html_put(out, "</span>", TEXT(""));
}

void
html_term(struct buf *out, const char *term)
{
	html_put(out, "<div><dt>", text_of(term));
	buf_append_text(out, TEXT("</dt><dd>"));
}

void
html_term_end(struct buf *out)
{
	buf_append_text(out, TEXT("</dd></div>\n"));
}

void
html_fact(struct buf *out, const char *term, const struct json_value *v,
    const char *none)
{
	html_term(out, term);
	if (v == NULL || v->kind == JSON_ARRAY)
		html_list(out, v, none);
	else
		put_value(out, v, none);
	html_term_end(out);
}

int64_t
html_seconds(const struct json_value *v)
{
	int64_t then;

	if (date_parse_strict(json_string(v), &then) != DATE_READ)
		return HTML_TIME_NONE;
	return then;
}

void
html_moment(struct buf *out, const char *term, const struct json_value *v,
    int64_t now, const char *none)
{
	int64_t then = html_seconds(v);
	char age[SPAN_TEXT];

	html_term(out, term);
	if (then == HTML_TIME_NONE) {
		html_put(out, "", text_of(none));
	} else {
		html_put(out, "<time datetime=\"", json_string(v));
		html_put(out, "\">", text_of(span_format_age(age, now - then)));
		html_put(out, " ago</time>", TEXT(""));
	}
	html_term_end(out);
}

void
html_time(struct buf *out, const struct json_value *v)
{
	struct text t = json_string(v);

	if (html_seconds(v) == HTML_TIME_NONE || t.n < 16)
		return;
	html_put(out, "<time datetime=\"", t);
	html_put(out, "\">", (struct text){ .p = t.p, .n = 10 });
	html_put(out, " ", (struct text){ .p = &t.p[11], .n = 5 });
	html_put(out, " UTC</time>", TEXT(""));
}

uint64_t
html_number(const struct json_value *v)
{
	uint64_t n;

	if (v == NULL || v->kind != JSON_NUMBER ||
	    !text_parse_u64(v->text, UINT64_MAX, &n))
		return 0;
	return n;
}

bool
html_true(const struct json_value *object, const char *name)
{
	const struct json_value *v = json_member(object, name);

	return v != NULL && v->kind == JSON_BOOL && v->truth;
}
