/*
 * Ends of certificates and lists; see admin_ends.h.
 */
#include "pages/admin_ends.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/span.h"
#include "pages/admin_remedy.h"
#include "policy/due_warning.h"

static bool
is_listeners(const struct admin_end *e)
{
	return e->due.listener != CONF_NONE;
}

void
admin_ends_add(struct admin_news *news, const struct conf *c)
{
	news->n_ends = c->n_dues;
	news->ends = xcalloc(c->n_dues, sizeof(*news->ends));
	for (size_t i = 0; i < c->n_dues; i++) {
		const struct conf_due *due = &c->dues[i];

		news->ends[i] = (struct admin_end){
			.name = due->listener != CONF_NONE ?
			    c->listeners[due->listener].name :
			    c->upstreams[due->upstream].name,
			.due = *due,
		};
	}
}

char *
admin_end_attention(const struct admin_facts *f, size_t end, int64_t now,
    char **command)
{
	const struct admin_end *e = &f->news->ends[end];
	const struct conf *c = f->brief->conf;
	char *text = due_warning(&e->due, &c->expiry.warn, now), *whole;

	*command = NULL;
	if (text == NULL)
		return NULL;
	whole = xasprintf("%s %s: %s", is_listeners(e) ? "listener" :
	    "upstream", e->name, text);
	free(text);
	if (!e->due.watched)
		*command = admin_remedy_reload(c);
	return whole;
}

static void
put_until(struct json *j, int64_t until, int64_t now)
{
	char text[CLOCK_TEXT];

	if (until == INT64_MAX) {
		json_null(j, "until");
		json_null(j, "days_left");
		return;
	}
	(void)clock_format_s(text, until);
	json_str(j, "until", text);
	json_i64(j, "days_left", span_days(until - now));
}

void
admin_ends_put(struct json *j, const struct admin_facts *f, int64_t now)
{
	json_array(j, "ends");
	for (size_t i = 0; i < f->news->n_ends; i++) {
		const struct admin_end *e = &f->news->ends[i];

		json_object(j, NULL);
		json_str_or_null(j, "listener", is_listeners(e) ? e->name :
		    NULL);
		json_str_or_null(j, "upstream", is_listeners(e) ? NULL :
		    e->name);
		json_str(j, "what", e->due.what);
		json_str_or_null(j, "subject", e->due.subject[0] != '\0' ?
		    e->due.subject : NULL);
		put_until(j, e->due.until, now);
		json_object_end(j);
	}
	json_array_end(j);
}

/* Those of one kind. */
static struct metrics_end *
name_some(const struct admin_news *news, enum conf_due_kind kind,
    struct arena *arena, size_t *n)
{
	struct metrics_end *v = arena_alloc(arena,
	    news->n_ends * sizeof(*v));

	*n = 0;
	for (size_t i = 0; i < news->n_ends; i++) {
		const struct admin_end *e = &news->ends[i];

		if (e->due.kind == kind)
			v[(*n)++] = (struct metrics_end){ e->name,
				e->due.until };
	}
	return v;
}

void
admin_ends_name(struct metrics_names *names, const struct admin_news *news,
    struct arena *arena)
{
	names->certificates = name_some(news, CONF_DUE_LISTENER, arena,
	    &names->n_certificates);
	names->presented = name_some(news, CONF_DUE_CERTIFICATE, arena,
	    &names->n_presented);
}
