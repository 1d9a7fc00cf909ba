/*
 * Keys of the page, the most urgent first; see status_html_parts.h.
 */
#include "daemon/status_html_parts.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/span.h"

/* The life that a bar shows where it is not known when the key was made. */
#define USUAL_LIFE	(90 * (int64_t)86400)

enum {
	RANK_OVER,		/* it serves nobody, and somebody misses it */
	RANK_ENDS,		/* it will end, and when is known */
	RANK_LASTS,
	RANK_DONE,		/* it is over, and nobody misses it */
};

/* What is said of a state by colour, beside its name. */
static const struct {
	struct text state;
	const char *colour;
	bool over, bad;
} states[] = {
	{ TEXT("expired"), "over", true, true },
	{ TEXT("rejected"), "over", true, true },
	{ TEXT("disabled"), "off", true, true },
	{ TEXT("expiring"), "soon", false, true },
	{ TEXT("active"), "fine", false, false },
	{ TEXT("standby"), "fine", false, false },
	{ TEXT("unused"), "fine", false, false },
};

#define N_STATES	(sizeof(states) / sizeof(*states))

/* The place of a state, or N_STATES. */
static size_t
place_of(struct text state)
{
	size_t i = 0;

	while (i < N_STATES && !text_eq(states[i].state, state))
		i++;
	return i;
}

static int
compare_names(const void *a, const void *b)
{
	return text_compare(*(const struct text *)a, *(const struct text *)b);
}

static int
compare_keys(const void *a, const void *b)
{
	const struct html_key *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	if (x->expires != y->expires)
		return x->expires < y->expires ? -1 : 1;
	return text_compare(x->name, y->name);
}

/* The names of keys about which something is to be done, sorted. */
static struct text *
names_in_need(const struct json_value *attention, size_t *n)
{
	size_t most = attention != NULL ? attention->count : 0;
	struct text *names = xcalloc(most + 1, sizeof(*names));

	*n = 0;
	for (const struct json_value *v = most > 0 ? attention->first : NULL;
	    v != NULL; v = v->next) {
		const struct json_value *key = json_member(v, "key");

		if (key != NULL && key->kind == JSON_STRING)
			names[(*n)++] = key->text;
	}
	qsort(names, *n, sizeof(*names), compare_names);
	return names;
}

static unsigned
rank_of(const struct html_key *k)
{
	size_t state = place_of(k->state);

	if (state < N_STATES && states[state].over)
		return k->needs ? RANK_OVER : RANK_DONE;
	return k->expires != HTML_TIME_NONE ? RANK_ENDS : RANK_LASTS;
}

void
html_keys_sort(struct html_keys *keys, const struct json_value *doc)
{
	const struct json_value *list = json_member(doc, "keys");
	size_t n_names;
	struct text *names = names_in_need(json_member(doc, "attention"),
	    &n_names);

	*keys = (struct html_keys){ 0 };
	keys->v = xcalloc((list != NULL ? list->count : 0) + 1,
	    sizeof(*keys->v));
	for (const struct json_value *v = list != NULL ? list->first : NULL;
	    v != NULL; v = v->next) {
		struct html_key *k = &keys->v[keys->n++];
		size_t state;

		k->key = v;
		k->name = json_string(json_member(v, "name"));
		k->state = json_string(json_member(v, "state"));
		k->expires = html_seconds(json_member(v, "expires"));
		k->needs = bsearch(&k->name, names, n_names, sizeof(*names),
		    compare_names) != NULL;
		state = place_of(k->state);
		k->bad = k->needs || (state < N_STATES && states[state].bad);
		k->rank = rank_of(k);
		keys->n_needs += k->needs;
	}
	free(names);
	qsort(keys->v, keys->n, sizeof(*keys->v), compare_keys);
}

void
html_keys_free(struct html_keys *keys)
{
	free(keys->v);
}

const struct html_key *
html_keys_next(const struct html_keys *keys)
{
	for (size_t i = 0; i < keys->n; i++) {
		if (keys->v[i].rank == RANK_ENDS)
			return &keys->v[i];
	}
	return NULL;
}

/* -- one key -- */

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
	unsigned share;

	if (k->expires == HTML_TIME_NONE) {
		html_put(out, "<p class=\"life\">No end of it is known.</p>\n",
		    TEXT(""));
		return;
	}
	share = share_left(k, now);
	buf_printf(out, "<p class=\"life\"><svg aria-hidden=\"true\" "
	    "viewBox=\"0 0 100 1\" preserveAspectRatio=\"none\">"
	    "<rect class=\"whole\" width=\"100\" height=\"1\"/>"
	    "<rect class=\"left\" width=\"%u\" height=\"1\"/></svg> ", share);
	if (k->expires > now)
		html_put(out, "<strong>", text_of(span_format_left(left,
		    k->expires - now)));
	else
		html_put(out, "<strong>ended ", text_of(span_format_age(left,
		    now - k->expires)));
	html_put(out, k->expires > now ? " left</strong>, until "
	    "<time>" : " ago</strong>, at <time>",
	    json_string(json_member(k->key, "expires")));
	html_put(out, "</time></p>\n", TEXT(""));
}

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
put_facts(struct buf *out, const struct json_value *key, int64_t now)
{
	const struct json_value *limit = json_member(key, "ratelimit");

	buf_append_text(out, TEXT("<dl>\n"));
	html_fact(out, "Used by routes", json_member(key, "routes"),
	    "no route");
	put_last_error(out, key, now);
	put_revocable(out, key);
	html_moment(out, "Last used", json_member(key, "last_used"), now,
	    "never");
	html_fact(out, "Requests", json_member(key, "requests"), "0");
	html_fact(out, "Rejected", json_member(key, "rejected"), "0");
	if (limit != NULL && limit->kind == JSON_OBJECT)
		html_fact(out, "Quota left", json_member(limit, "remaining"),
		    "unknown");
	buf_append_text(out, TEXT("</dl></li>\n"));
}

static void
put_key(struct buf *out, const struct html_key *k, int64_t now)
{
	size_t state = place_of(k->state);

	buf_printf(out, "<li class=\"card %s\">\n<h3><span class=\"name\">",
	    state < N_STATES ? states[state].colour : "fine");
	html_put(out, "", k->name);
	html_put(out, "</span> <span class=\"state\">", k->state);
	html_put(out, "</span></h3>\n", TEXT(""));
	if (k->needs)
		html_put(out, "<p class=\"hint\"><a href=\"#needs\">"
		    "What to do</a></p>\n", TEXT(""));
	put_life(out, k, now);
	put_facts(out, k->key, now);
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
		put_key(out, &keys->v[i], s->now);
		shown++;
	}
	html_put(out, "</ul>\n", TEXT(""));
	if (shown == 0)
		html_put(out, s->only_bad ? "<p>No key is in trouble.</p>\n" :
		    "<p>There is no key.</p>\n", TEXT(""));
}
