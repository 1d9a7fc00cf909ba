/*
 * What needs attention of listeners and certificates; see
 * admin_attention_parts.h.
 */
#include "pages/admin_attention_parts.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "pages/admin_ends.h"

static void
put_exposed(struct json *j, const struct conf_listener *l,
    const struct addr *at)
{
	char *why = conf_listener_exposed(l, at);

	if (why != NULL)
		admin_attention_add(j, xasprintf("listener %s: %s", l->name,
		    why), NULL);
	free(why);
}

void
admin_attention_of_listeners(struct json *j, const struct admin_facts *f)
{
	const struct conf *c = f->brief->conf;

	for (size_t i = 0; i < c->n_listeners; i++) {
		struct addr at;
		const char *why;

		if (addr_parse(f->brief->bound[i], &at, &why))
			put_exposed(j, &c->listeners[i], &at);
	}
	for (size_t i = 0; i < c->n_admin; i++)
		put_exposed(j, &c->admin[i], &c->admin[i].address);
}

void
admin_attention_of_ends(struct json *j, const struct admin_facts *f,
    int64_t now)
{
	for (size_t i = 0; i < f->news->n_ends; i++) {
		char *command, *what = admin_end_attention(f, i, now,
		    &command);

		if (what != NULL)
			admin_attention_add(j, what, command);
	}
}
