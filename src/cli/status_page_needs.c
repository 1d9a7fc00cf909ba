/*
 * What a person should do, in text; see status_page_parts.h.  It is decided by
 * the daemon.
 */
#include "cli/status_page_parts.h"

#include <stdlib.h>

#include "base/alloc.h"

static void
put_command(const struct status_page *p, const struct json_value *command)
{
	page_lines(p, 4, xasprintf("$ %.*s", TEXT_ARG(json_string(command))));
}

/* The last one switches the old key off, and waits until nobody needs it. */
static void
put_last(const struct status_page *p, const struct json_value *entry,
    const struct json_value *command)
{
	char *key = page_member(entry, "key");

	page_lines(p, 4, xasprintf("Then, when %s is safe to revoke, as told "
	    "of keys:", key));
	put_command(p, command);
	free(key);
}

/* Those that follow the first one, in their order. */
static void
put_then(const struct status_page *p, const struct json_value *entry)
{
	const struct json_value *then = json_member(entry, "then");
	struct text next = json_string(json_member(entry, "next"));

	if (then == NULL || then->count == 0)
		return;
	if (next.n != 0)
		page_lines(p, 4, xasprintf("Then, when %.*s is listed:",
		    TEXT_ARG(next)));
	for EACH_OF(v, entry, "then") {
		if (v->next == NULL && next.n != 0 && then->count > 1)
			put_last(p, entry, v);
		else
			put_command(p, v);
	}
}

void
page_needs(const struct status_page *p)
{
	if (!status_page_needs_attention(p->doc)) {
		page_lines(p, 0, xstrdup("Nothing needs attention."));
		return;
	}
	buf_printf(p->out, "\nNeeds attention\n");
	for EACH(v, p, "attention") {
		const struct json_value *command = json_member(v, "command");

		page_lines(p, 2, page_member(v, "what"));
		if (json_string(command).n == 0)
			continue;
		put_command(p, command);
		put_then(p, v);
	}
}

bool
status_page_needs_attention(const struct json_value *doc)
{
	const struct json_value *list = json_member(doc, "attention");

	return list != NULL && list->count != 0;
}
