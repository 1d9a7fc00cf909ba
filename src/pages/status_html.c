/*
 * The page for people; see status_html.h.
 */
#include "pages/status_html.h"

#include "base/clock.h"
#include "pages/status_html_parts.h"

/* How often it is loaded anew where no script does that. */
#define PERIOD_S	"30"

/* The members of a list of the document. */
#define EACH(v, s, name) \
	(const struct json_value *v = first_of((s)->doc, (name)); v != NULL; \
	    v = v->next)

static const struct json_value *
first_of(const struct json_value *object, const char *name)
{
	const struct json_value *list = json_member(object, name);

	return list != NULL && list->count > 0 ? list->first : NULL;
}

static void
put(struct buf *out, const char *markup)
{
	buf_append_text(out, text_of(markup));
}

static void
start_section(struct buf *out, const char *id, const char *heading)
{
	buf_printf(out, "<section id=\"%s\" aria-labelledby=\"%s-heading\">\n"
	    "<h2 id=\"%s-heading\">%s</h2>\n", id, id, id, heading);
}

static void
start_card(struct buf *out, const struct json_value *v, const char *colour)
{
	buf_printf(out, "<li class=\"card %s\"><h3 class=\"name\">", colour);
	html_put(out, "", json_string(json_member(v, "name")));
	put(out, "</h3><dl>\n");
}

static void
put_head(const struct status_html *s, const struct html_keys *keys,
    struct buf *out)
{
	put(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n<title>");
	html_summary(keys, out);
	put(out, " - Sallyport</title>\n"
	    "<meta name=\"viewport\" "
	    "content=\"width=device-width, initial-scale=1\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n"
	    "<link rel=\"icon\" href=\"data:,\">\n");
	if (!s->still)
		put(out, "<noscript><meta http-equiv=\"refresh\" "
		    "content=\"" PERIOD_S "\"></noscript>\n");
	put(out, "<style>");
	buf_append_text(out, s->style);
	put(out, "</style>\n</head>\n<body>\n");
}

static void
put_banner(const struct status_html *s, struct buf *out)
{
	char time[CLOCK_TEXT];

	clock_format_s(time, s->now);
	time[10] = ' ';
	put(out, "<header>\n<p class=\"brand\">Sallyport</p>\n");
	html_put(out, "<p id=\"age\">As of <time>", text_of(time));
	put(out, "</time></p>\n</header>\n");
}

static void
put_keys(const struct status_html *s, const struct html_keys *keys,
    struct buf *out)
{
	start_section(out, "keys", "Keys");
	put(out, "<nav aria-label=\"Which keys\"><ul>\n");
	buf_printf(out, "<li><a href=\"./\"%s>All keys</a></li>\n"
	    "<li><a href=\"?only=bad\"%s>Only those in trouble</a></li>\n",
	    s->only_bad ? "" : " aria-current=\"page\"",
	    s->only_bad ? " aria-current=\"page\"" : "");
	put(out, "</ul></nav>\n");
	html_keys_put(s, keys, out);
	put(out, "</section>\n");
}

/* It is as well as the key that serves it: one rejected may, for a minute. */
static void
put_route(const struct html_keys *keys, struct buf *out,
    const struct json_value *v)
{
	start_card(out, v, html_true(v, "usable") ? html_keys_colour(keys,
	    json_string(json_member(v, "serves"))) : "over");
	html_fact(out, "Served by", json_member(v, "serves"),
	    "no key can be used");
	html_fact(out, "Keys", json_member(v, "keys"), "none");
	html_fact(out, "Upstream", json_member(v, "upstream"), "none");
	html_fact(out, "Clients", json_member(v, "clients"), "nobody");
	html_fact(out, "Requests", json_member(v, "requests"), "0");
	html_fact(out, "In the last minute",
	    json_member(v, "requests_last_minute"), "0");
	html_fact(out, "Out of use", json_member(v, "reason"), "none");
	put(out, "</dl></li>\n");
}

static void
put_routes(const struct status_html *s, const struct html_keys *keys,
    struct buf *out)
{
	bool any = false;

	for EACH(v, s, "routes") {
		if (s->only_bad && html_true(v, "usable"))
			continue;
		if (!any) {
			start_section(out, "routes", "Routes");
			put(out, "<ul class=\"cards\">\n");
		}
		put_route(keys, out, v);
		any = true;
	}
	if (any)
		put(out, "</ul>\n</section>\n");
}

/* Of the routes that lead there. */
static uint64_t
lately_at(const struct status_html *s, struct text upstream)
{
	uint64_t n = 0;

	for EACH(v, s, "routes") {
		if (text_eq(json_string(json_member(v, "upstream")), upstream))
			n += html_number(json_member(v,
			    "requests_last_minute"));
	}
	return n;
}

static void
put_upstreams(const struct status_html *s, struct buf *out)
{
	start_section(out, "upstreams", "Upstreams");
	put(out, "<ul class=\"cards\">\n");
	for EACH(v, s, "upstreams") {
		const struct json_value *n = json_member(v, "connections");

		start_card(out, v, "plain");
		html_fact(out, "Address", json_member(v, "url"), "unknown");
		html_fact(out, "Proxy", json_member(v, "proxy"), "none");
		html_term(out, "Requests in the last minute");
		buf_printf(out, "%llu", (unsigned long long)lately_at(s,
		    json_string(json_member(v, "name"))));
		html_term_end(out);
		html_fact(out, "Busy", json_member(n, "busy"), "0");
		html_fact(out, "Idle", json_member(n, "idle"), "0");
		put(out, "</dl></li>\n");
	}
	put(out, "</ul>\n</section>\n");
}

static void
put_listeners(const struct status_html *s, struct buf *out)
{
	start_section(out, "listeners", "Listeners");
	put(out, "<ul class=\"cards\">\n");
	for EACH(v, s, "listeners") {
		start_card(out, v, "plain");
		html_fact(out, "Address", json_member(v, "address"), "unknown");
		html_fact(out, "Clients now", json_member(v, "clients"),
		    "0");
		put(out, "</dl></li>\n");
	}
	put(out, "</ul>\n</section>\n");
}

static size_t
count_workers(const struct status_html *s)
{
	size_t n = 0;

	for EACH(v, s, "workers")
		n += text_eq(json_string(json_member(v, "state")),
		    TEXT("serving"));
	return n;
}

static void
put_daemon(const struct status_html *s, struct buf *out)
{
	const struct json_value *d = s->doc, *reload = json_member(d, "reload");

	start_section(out, "daemon", "Daemon");
	put(out, "<dl class=\"card plain\">\n");
	html_fact(out, "State", json_member(d, "state"), "unknown");
	html_fact(out, "Version", json_member(d, "version"), "unknown");
	html_moment(out, "Started", json_member(d, "started"), s->now,
	    "unknown");
	html_term(out, "Workers");
	buf_printf(out, "%zu", count_workers(s));
	html_term_end(out);
	html_fact(out, "Configuration", json_member(d, "configuration"),
	    "unknown");
	html_fact(out, "Generation", json_member(d, "generation"), "unknown");
	html_moment(out, "Last reload", json_member(reload, "last"), s->now,
	    "none");
	html_fact(out, "Its result", json_member(reload, "result"), "-");
	html_fact(out, "Log lines lost", json_member(json_member(d, "log"),
	    "lost"), "0");
	put(out, "</dl>\n</section>\n");
}

static void
put_lately(const struct status_html *s, struct buf *out)
{
	start_section(out, "lately", "Lately");
	html_lately_put(s, out);
	put(out, "</section>\n");
}

/* Both ways in which it is kept up to date can be stopped. */
static void
put_without_script(const struct status_html *s, struct buf *out)
{
	const char *query = s->only_bad ? "only=bad" : "";

	put(out, "<noscript><p>");
	if (s->still)
		buf_printf(out, "It stays as it is. <a href=\"./%s%s\">Load "
		    "it anew every " PERIOD_S " seconds</a>",
		    s->only_bad ? "?" : "", query);
	else
		buf_printf(out, "It is loaded anew every " PERIOD_S " seconds. "
		    "<a href=\"?%s%sstill\">Leave it as it is</a>", query,
		    s->only_bad ? "&amp;" : "");
	put(out, "</p></noscript>\n");
}

static void
put_end(const struct status_html *s, struct buf *out)
{
	put(out, "<footer>\n");
	put_without_script(s, out);
	put(out, "<p>The same for programs: <a href=\"/status\">/status</a>, "
	    "<a href=\"/metrics\">/metrics</a>.</p>\n</footer>\n<script>");
	buf_append_text(out, s->script);
	put(out, "</script>\n</body>\n</html>\n");
}

void
status_html(const struct status_html *s, struct buf *out)
{
	struct html_keys keys;

	html_keys_sort(&keys, s->doc);
	put_head(s, &keys, out);
	put_banner(s, out);
	put(out, "<main>\n");
	html_needs_put(s, &keys, out);
	put_keys(s, &keys, out);
	put_routes(s, &keys, out);
	if (!s->only_bad) {
		put_lately(s, out);
		put_upstreams(s, out);
		put_listeners(s, out);
		put_daemon(s, out);
	}
	put(out, "</main>\n");
	put_end(s, out);
	html_keys_free(&keys);
}
