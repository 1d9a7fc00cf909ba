/*
 * Files of listeners that are refused; see admin_watched.h.
 */
#include "pages/admin_watched.h"

#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "pages/admin_attention_parts.h"
#include "pages/admin_remedy.h"

void
admin_watched_attention(struct json *j, const struct admin_facts *f)
{
	for (size_t i = 0; i < f->news->n_watched; i++) {
		const struct admin_watched *w = &f->news->watched[i];
		char since[CLOCK_TEXT];

		if (w->refused == NULL)
			continue;
		(void)clock_format_s(since, w->since);
		admin_attention_add(j, xasprintf("listener %s: its files on "
		    "disk are refused since %s, and what was there before "
		    "goes on: %s", w->listener, since, w->refused),
		    admin_remedy_check(f->brief->conf));
	}
}

void
admin_watched_put(struct json *j, const struct admin_facts *f,
    const char *listener)
{
	for (size_t i = 0; i < f->news->n_watched; i++) {
		const struct admin_watched *w = &f->news->watched[i];
		char since[CLOCK_TEXT];

		if (w->refused == NULL || strcmp(w->listener, listener) != 0)
			continue;
		(void)clock_format_s(since, w->since);
		json_object(j, "files_refused");
		json_str(j, "since", since);
		json_str(j, "reason", w->refused);
		json_object_end(j);
		return;
	}
	json_null(j, "files_refused");
}

void
admin_watched_name(struct metrics_names *names, const struct admin_news *news,
    struct arena *arena)
{
	struct metrics_watched *v = arena_alloc(arena,
	    news->n_watched * sizeof(*v));

	for (size_t i = 0; i < news->n_watched; i++)
		v[i] = (struct metrics_watched){
			.listener = news->watched[i].listener,
			.refused = news->watched[i].refused != NULL,
		};
	names->watched = v;
	names->n_watched = news->n_watched;
}
