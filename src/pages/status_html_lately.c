/*
 * Requests, faults and events on the page; see status_html_parts.h.
 */
#include "pages/status_html_parts.h"

#include "base/span.h"

static const struct json_value *
first_of(const struct json_value *list)
{
	return list != NULL && list->count > 0 ? list->first : NULL;
}

static void
put_requests(const struct json_value *doc, struct buf *out)
{
	uint64_t all = 0, lately = 0;

	for (const struct json_value *v = first_of(json_member(doc, "routes"));
	    v != NULL; v = v->next) {
		all += html_number(json_member(v, "requests"));
		lately += html_number(json_member(v, "requests_last_minute"));
	}
	buf_printf(out, "<p><strong>%llu request%s in the last minute"
	    "</strong>, %llu since the start.</p>\n",
	    (unsigned long long)lately, lately == 1 ? "" : "s",
	    (unsigned long long)all);
}

static void
put_faults(const struct json_value *faults, struct buf *out)
{
	html_put(out, "<h3>Faults</h3>\n", TEXT(""));
	if (first_of(faults) == NULL) {
		html_put(out, "<p>There was none since the start.</p>\n",
		    TEXT(""));
		return;
	}
	html_put(out, "<dl>\n", TEXT(""));
	for (const struct json_value *v = first_of(faults); v != NULL;
	    v = v->next) {
		html_put(out, "<div><dt>", json_string(json_member(v,
		    "fault")));
		buf_printf(out, "</dt><dd>%llu in the last minute, %llu since "
		    "the start</dd></div>\n", (unsigned long long)
		    html_number(json_member(v, "last_minute")),
		    (unsigned long long)html_number(json_member(v, "count")));
	}
	html_put(out, "</dl>\n", TEXT(""));
}

static void
put_event(const struct json_value *v, int64_t now, struct buf *out)
{
	const struct json_value *at = json_member(v, "at");
	char age[SPAN_TEXT];

	if (html_seconds(at) == HTML_TIME_NONE)
		return;
	html_put(out, "<li><time datetime=\"", json_string(at));
	html_put(out, "\">", text_of(span_format_age(age, now -
	    html_seconds(at))));
	html_put(out, " ago</time> ", json_string(json_member(v, "text")));
	html_put(out, "</li>\n", TEXT(""));
}

static void
put_events(const struct json_value *events, int64_t now, struct buf *out)
{
	html_put(out, "<h3>Last events of keys</h3>\n", TEXT(""));
	if (first_of(events) == NULL) {
		html_put(out, "<p>There was none since the start.</p>\n",
		    TEXT(""));
		return;
	}
	html_put(out, "<ul class=\"events\">\n", TEXT(""));
	for (const struct json_value *v = first_of(events); v != NULL;
	    v = v->next)
		put_event(v, now, out);
	html_put(out, "</ul>\n", TEXT(""));
}

void
html_lately_put(const struct status_html *s, struct buf *out)
{
	put_requests(s->doc, out);
	html_put(out, "<div class=\"cards\">\n<div class=\"card plain\">\n",
	    TEXT(""));
	put_faults(json_member(s->doc, "faults"), out);
	html_put(out, "</div>\n<div class=\"card plain\">\n", TEXT(""));
	put_events(json_member(s->doc, "events"), s->now, out);
	html_put(out, "</div>\n</div>\n", TEXT(""));
}
