/*
 * What a person should do, first on the page; see status_html_parts.h.
 */
#include "pages/status_html_parts.h"

#include <string.h>

#include "base/span.h"

void
html_summary(const struct html_keys *keys, struct buf *out)
{
	size_t n = keys->n_needs;

	if (n > 0)
		buf_printf(out, "%zu key%s you", n, n == 1 ? " needs" :
		    "s need");
	else if (keys->matters.n > 0)
		buf_printf(out, "No key needs you, but something else does");
	else
		buf_printf(out, "No key needs you");
}

/* -- one matter -- */

static const struct json_value *
matter(const struct html_keys *keys, size_t i)
{
	return keys->matters.v[i].value;
}

static struct text
command_of(const struct json_value *entry)
{
	return json_string(json_member(entry, "command"));
}

/* Each word on its own, so that page.css keeps it in one line. */
static void
put_words(struct buf *out, struct text command)
{
	const char *word = command.p, *end = word + command.n, *space;

	while (word < end) {
		space = memchr(word, ' ', (size_t)(end - word));
		html_put(out, "<span>", text_range(word, space != NULL ?
		    space : end));
		html_put(out, "</span>", space != NULL ? TEXT(" ") : TEXT(""));
		word = space != NULL ? space + 1 : end;
	}
}

static void
put_command(struct buf *out, struct text command)
{
	html_put(out, "<pre><code>", TEXT(""));
	put_words(out, command);
	html_put(out, "</code></pre>\n", TEXT(""));
}

/* "Then, when NAME is listed:" */
static void
put_when(struct buf *out, struct text name, const char *what)
{
	html_put(out, "<p class=\"then\">Then", TEXT(""));
	if (name.n > 0) {
		html_put(out, ", when <span class=\"name\">", name);
		html_put(out, "</span> ", text_of(what));
	}
	html_put(out, ":</p>\n", TEXT(""));
}

/* Those that go together are pasted together; end: the first that does not. */
static void
put_block(struct buf *out, const struct json_value *first,
    const struct json_value *end)
{
	html_put(out, "<pre><code>", TEXT(""));
	for (const struct json_value *v = first; v != end; v = v->next) {
		html_put(out, v == first ? "" : "\n", TEXT(""));
		put_words(out, json_string(v));
	}
	html_put(out, "</code></pre>\n", TEXT(""));
}

/*
 * Of several that bring a key the last one switches the old one off, and waits
 * until nobody needs that.  NULL: there is none.
 */
static const struct json_value *
last_of(const struct json_value *then, struct text next)
{
	const struct json_value *v = then->first;

	if (next.n == 0 || then->count < 2)
		return NULL;
	while (v->next != NULL)
		v = v->next;
	return v;
}

static void
put_commands(struct buf *out, const struct json_value *entry)
{
	const struct json_value *then = json_member(entry, "then"), *last;
	struct text next = json_string(json_member(entry, "next"));

	if (command_of(entry).n == 0)
		return;
	put_command(out, command_of(entry));
	if (then == NULL || then->count == 0)
		return;
	last = last_of(then, next);
	put_when(out, next, "is listed");
	put_block(out, then->first, last);
	if (last == NULL)
		return;
	put_when(out, json_string(json_member(entry, "key")),
	    "is safe to revoke");
	put_block(out, last, NULL);
}

/* Matters of one key, or of none; one command for those that it mends. */
static void
put_matters(struct buf *out, const struct html_keys *keys, size_t first,
    size_t n)
{
	for (size_t i = first; i < first + n; i++) {
		const struct json_value *entry = matter(keys, i);

		html_put(out, "<p>", json_string(json_member(entry, "what")));
		html_put(out, "</p>\n", TEXT(""));
		if (i + 1 == first + n || !text_eq(command_of(entry),
		    command_of(matter(keys, i + 1))))
			put_commands(out, entry);
	}
}

static void
put_need(struct buf *out, const struct html_keys *keys, size_t i)
{
	const struct html_key *k = &keys->v[i];

	buf_printf(out, "<li class=\"%s\" id=\"need-%zu\">\n<h2>", k->colour,
	    i);
	html_name_and_state(out, k);
	html_put(out, "</h2>\n<p class=\"users\">Used by ", TEXT(""));
	html_users(keys, k, out);
	html_put(out, "</p>\n", TEXT(""));
	put_matters(out, keys, k->matter, k->n_matters);
	html_put(out, "</li>\n", TEXT(""));
}

/* What is about no key has no name, and stands first among the matters. */
static void
put_others(struct buf *out, const struct html_keys *keys)
{
	size_t n;

	(void)html_names_find(&keys->matters, TEXT(""), &n);
	for (size_t i = 0, end; i < n; i = end) {
		struct text command = command_of(matter(keys, i));

		end = i + 1;
		while (end < n && command.n > 0 && text_eq(command,
		    command_of(matter(keys, end))))
			end++;
		html_put(out, "<li>\n", TEXT(""));
		put_matters(out, keys, i, end - i);
		html_put(out, "</li>\n", TEXT(""));
	}
}

/* -- all of it -- */

/* Of the next one to end, in short; all of it stands below. */
static void
put_remedy(const struct html_keys *keys, const struct html_key *k,
    struct buf *out)
{
	const struct json_value *entry = matter(keys, k->matter +
	    k->n_matters - 1);
	struct text next = json_string(json_member(entry, "next"));

	html_put(out, "<p>Remedy: ", TEXT(""));
	if (next.n > 0) {
		html_put(out, "replace it by <strong class=\"name\">", next);
		html_put(out, "</strong>, ", TEXT(""));
	}
	buf_printf(out, "<a href=\"#need-%zu\">step by step below</a>:</p>\n",
	    (size_t)(k - keys->v));
	if (command_of(entry).n > 0)
		put_command(out, command_of(entry));
}

static void
put_next(const struct status_html *s, const struct html_keys *keys,
    const struct html_key *next, struct buf *out)
{
	char left[SPAN_TEXT];

	html_put(out, "<p class=\"next\">Next to end: <strong class=\"name\">",
	    next->name);
	if (next->expires > s->now)
		html_put(out, "</strong>, in ", text_of(span_format_left(left,
		    next->expires - s->now)));
	else
		html_put(out, "</strong>, which is due", TEXT(""));
	/* What stands right below is not told twice. */
	if (next == keys->v && next->n_matters > 0) {
		html_put(out, ".</p>\n", TEXT(""));
		return;
	}
	html_put(out, ". Used by ", TEXT(""));
	html_users(keys, next, out);
	html_put(out, next->n_matters > 0 ? ".</p>\n" :
	    ". Nothing is to be done about it yet.</p>\n", TEXT(""));
	if (next->n_matters > 0)
		put_remedy(keys, next, out);
}

static void
put_list(const struct html_keys *keys, struct buf *out)
{
	if (keys->matters.n == 0)
		return;
	html_put(out, "<ol>\n", TEXT(""));
	for (size_t i = 0; i < keys->n; i++) {
		if (keys->v[i].n_matters > 0)
			put_need(out, keys, i);
	}
	put_others(out, keys);
	html_put(out, "</ol>\n", TEXT(""));
}

/* A next one that needs nothing yet stands behind what does. */
void
html_needs_put(const struct status_html *s, const struct html_keys *keys,
    struct buf *out)
{
	const struct html_key *next = html_keys_next(keys);
	bool urgent = next != NULL && next->n_matters > 0;

	buf_printf(out, "<section id=\"needs\" class=\"%s\" "
	    "aria-labelledby=\"summary\">\n<h1 id=\"summary\">",
	    keys->matters.n > 0 ? "trouble" : "well");
	html_summary(keys, out);
	html_put(out, "</h1>\n", TEXT(""));
	if (urgent)
		put_next(s, keys, next, out);
	put_list(keys, out);
	if (next != NULL && !urgent)
		put_next(s, keys, next, out);
	html_put(out, "</section>\n", TEXT(""));
}
