/*
 * Keys of the page; see status_html_parts.h.
 */
#include "pages/status_html_parts.h"

#include "base/span.h"

/* The life that a bar shows where it is not known when the key was made. */
#define USUAL_LIFE	(90 * (int64_t)86400)

/* -- its life -- */

/* How much of its life is left, in percent. */
static unsigned
share_left(const struct html_key *k, int64_t now)
{
	int64_t created = html_seconds(json_member(k->key, "created"));
	int64_t life = USUAL_LIFE, left = k->expires - now;

	if (created != HTML_TIME_NONE && created < k->expires)
		life = k->expires - created;
	if (left <= 0)
		return 0;
	if (left >= life)
		return 100;
	return (unsigned)((double)left * 100 / (double)life);
}

static void
put_life(struct buf *out, const struct html_key *k, int64_t now)
{
	char left[SPAN_TEXT];
	bool over = k->expires <= now;

	if (k->expires == HTML_TIME_NONE) {
		html_put(out, "<p class=\"life\">No end of it is known.</p>\n",
		    TEXT(""));
		return;
	}
	buf_printf(out, "<p class=\"life\"><svg aria-hidden=\"true\" "
	    "viewBox=\"0 0 100 1\" preserveAspectRatio=\"none\">"
	    "<rect class=\"whole\" width=\"100\" height=\"1\"/>"
	    "<rect class=\"left\" width=\"%u\" height=\"1\"/></svg> ",
	    share_left(k, now));
	if (over)
		html_put(out, "<strong>ended ", text_of(span_format_age(left,
		    now - k->expires)));
	else
		html_put(out, "<strong>", text_of(span_format_left(left,
		    k->expires - now)));
	html_put(out, over ? " ago</strong>, at " : " left</strong>, until ",
	    TEXT(""));
	html_time(out, json_member(k->key, "expires"));
	html_put(out, "</p>\n", TEXT(""));
}

/* -- who uses it -- */

/* A route with its clients and how busy it is. */
static void
put_user(const struct html_keys *keys, struct text route, struct buf *out)
{
	const struct json_value *v = NULL;
	size_t n, at = html_names_find(&keys->routes, route, &n);

	html_put(out, "<span class=\"name\">", route);
	html_put(out, "</span>", TEXT(""));
	if (n > 0)
		v = keys->routes.v[at].value;
	if (json_member(v, "clients") != NULL) {
		html_put(out, ": ", TEXT(""));
		html_list(out, json_member(v, "clients"), "nobody");
	}
	n = html_number(json_member(v, "requests_last_minute"));
	if (n > 0)
		buf_printf(out, " (%zu request%s in the last minute)", n,
		    n == 1 ? "" : "s");
}

void
html_users(const struct html_keys *keys, const struct html_key *k,
    struct buf *out)
{
	const struct json_value *routes = json_member(k->key, "routes");

	if (routes == NULL || routes->count == 0) {
		html_put(out, "no route", TEXT(""));
		return;
	}
	for (const struct json_value *v = routes->first; v != NULL;
	    v = v->next) {
		put_user(keys, json_string(v), out);
		html_put(out, v->next != NULL ? "; " : "", TEXT(""));
	}
}

/* -- what else is known -- */

/* Why the API refused it last, in words of ours. */
static void
put_last_error(struct buf *out, const struct json_value *key, int64_t now)
{
	const struct json_value *refused = json_member(key, "refused");

	if (refused == NULL || refused->kind != JSON_OBJECT)
		return;
	html_fact(out, "Last error", json_member(refused, "diagnosis"), "");
	html_moment(out, "Refused", json_member(refused, "at"), now, "never");
}

static void
put_revocable(struct buf *out, const struct json_value *key)
{
	html_term(out, "Safe to revoke");
	html_put(out, html_true(key, "safe_to_revoke") ? "<b>yes</b>: " :
	    "no: ", json_string(json_member(key, "safe_to_revoke_reason")));
	html_term_end(out);
}

static void
put_facts(struct buf *out, const struct html_keys *keys,
    const struct html_key *k, int64_t now)
{
	const struct json_value *key = k->key,
	    *limit = json_member(key, "ratelimit");

	buf_append_text(out, TEXT("<dl>\n"));
	html_term(out, "Used by");
	html_users(keys, k, out);
	html_term_end(out);
	put_last_error(out, key, now);
	put_revocable(out, key);
	html_moment(out, "Last used", json_member(key, "last_used"), now,
	    "never");
	html_moment(out, "Promoted", json_member(key, "promoted"), now,
	    "never");
	html_fact(out, "Requests", json_member(key, "requests"), "0");
	html_fact(out, "Rejected", json_member(key, "rejected"), "0");
	if (limit != NULL && limit->kind == JSON_OBJECT)
		html_fact(out, "Quota left", json_member(limit, "remaining"),
		    "unknown");
	buf_append_text(out, TEXT("</dl></li>\n"));
}

static void
put_key(struct buf *out, const struct html_keys *keys, size_t i, int64_t now)
{
	const struct html_key *k = &keys->v[i];

	buf_printf(out, "<li class=\"card %s\">\n<h3>", k->colour);
	html_name_and_state(out, k);
	html_put(out, "</h3>\n", TEXT(""));
	put_life(out, k, now);
	if (k->n_matters > 0)
		buf_printf(out, "<p class=\"hint\"><a href=\"#need-%zu\">"
		    "What to do</a></p>\n", i);
	put_facts(out, keys, k, now);
}

void
html_keys_put(const struct status_html *s, const struct html_keys *keys,
    struct buf *out)
{
	size_t shown = 0;

	html_put(out, "<ul class=\"cards\">\n", TEXT(""));
	for (size_t i = 0; i < keys->n; i++) {
		if (s->only_bad && !keys->v[i].bad)
			continue;
		put_key(out, keys, i, s->now);
		shown++;
	}
	html_put(out, "</ul>\n", TEXT(""));
	if (shown == 0)
		html_put(out, s->only_bad ? "<p>No key is in trouble.</p>\n" :
		    "<p>There is no key.</p>\n", TEXT(""));
}
