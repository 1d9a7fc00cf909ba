/*
 * What a person should do, first on the page; see status_html_parts.h.
 */
#include "daemon/status_html_parts.h"

#include "base/span.h"

static size_t
count_of(const struct json_value *attention)
{
	return attention != NULL ? attention->count : 0;
}

void
html_summary(const struct status_html *s, const struct html_keys *keys,
    struct buf *out)
{
	size_t n = keys->n_needs;

	if (n > 0)
		buf_printf(out, "%zu key%s you", n, n == 1 ? " needs" :
		    "s need");
	else if (count_of(json_member(s->doc, "attention")) > 0)
		buf_printf(out, "No key needs you, but something else does");
	else
		buf_printf(out, "No key needs you");
}

static struct text
command_of(const struct json_value *entry)
{
	return json_string(json_member(entry, "command"));
}

/* One command for what it mends: those that follow each other. */
static const struct json_value *
put_entry(struct buf *out, const struct json_value *entry)
{
	struct text command = command_of(entry);

	buf_append_text(out, TEXT("<li>\n"));
	do {
		html_put(out, "<p>", json_string(json_member(entry, "what")));
		buf_append_text(out, TEXT("</p>\n"));
		entry = entry->next;
	} while (entry != NULL && command.n > 0 && text_eq(command,
	    command_of(entry)));
	if (command.n > 0) {
		html_put(out, "<pre><code>", command);
		buf_append_text(out, TEXT("</code></pre>\n"));
	}
	buf_append_text(out, TEXT("</li>\n"));
	return entry;
}

static void
put_next(const struct status_html *s, const struct html_keys *keys,
    struct buf *out)
{
	const struct html_key *next = html_keys_next(keys);
	char left[SPAN_TEXT];

	if (next == NULL)
		return;
	html_put(out, "<p class=\"next\">Next to end: <strong class=\"name\">",
	    next->name);
	if (next->expires > s->now)
		html_put(out, "</strong>, in ", text_of(span_format_left(left,
		    next->expires - s->now)));
	else
		html_put(out, "</strong>, which is due", TEXT(""));
	html_put(out, ". Used by: ", TEXT(""));
	html_list(out, json_member(next->key, "routes"), "no route");
	buf_append_text(out, TEXT(".</p>\n"));
}

void
html_needs_put(const struct status_html *s, const struct html_keys *keys,
    struct buf *out)
{
	const struct json_value *list = json_member(s->doc, "attention"),
	    *entry = count_of(list) > 0 ? list->first : NULL;

	buf_printf(out, "<section id=\"needs\" class=\"%s\" "
	    "aria-labelledby=\"summary\">\n<h1 id=\"summary\">",
	    entry != NULL ? "trouble" : "well");
	html_summary(s, keys, out);
	buf_append_text(out, TEXT("</h1>\n"));
	put_next(s, keys, out);
	if (entry != NULL) {
		buf_append_text(out, TEXT("<ol>\n"));
		while (entry != NULL)
			entry = put_entry(out, entry);
		buf_append_text(out, TEXT("</ol>\n"));
	}
	buf_append_text(out, TEXT("</section>\n"));
}
