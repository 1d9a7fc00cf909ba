/*
 * Where responses lead clients; see redirect.h.  The judge says whether a
 * target may be asked for, and which route serves it.
 */
#include "client/redirect.h"

#include "http/reference.h"

static bool
is_redirect(const struct field *f)
{
	return f->id == FIELD_LOCATION || f->id == FIELD_CONTENT_LOCATION;
}

static bool
has_redirect(const struct fields *fields)
{
	for (size_t i = 0; i < fields->n; i++) {
		if (is_redirect(&fields->v[i]))
			return true;
	}
	return false;
}

/*
 * Resolves a reference to a target of the upstream; false: it leads elsewhere.
 */
static bool
leads_upstream(const struct redirect *r, struct text value,
    struct reference *reference)
{
	const struct conf_upstream *u =
	    &r->request.conf->upstreams[r->route->upstream];
	struct authority server;

	return authority_parse(text_of(u->authority), &server) &&
	    reference_resolve(value, r->target, &server, r->arena, reference);
}

/* Prefix, target and fragment; *n is the length of the first two. */
static struct text
with_prefix(const struct redirect *r, const struct reference *reference,
    size_t *n)
{
	bool stripped = r->route->strip && r->route->path != NULL;
	const struct text parts[] = {
		stripped ? text_of(r->route->path) : TEXT(""),
		reference->target, reference->fragment,
	};
	char *p = arena_alloc(r->arena,
	    parts[0].n + parts[1].n + parts[2].n + 1);
	struct text whole = { .p = p, .n = 0 };

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (parts[i].n != 0)
			memcpy(p + whole.n, parts[i].p, parts[i].n);
		whole.n += parts[i].n;
	}
	*n = parts[0].n + parts[1].n;
	return whole;
}

/*
 * The value for the client: unchanged where it leads to nothing of the route's.
 */
static struct text
value_for_client(struct redirect *r, const struct field *f)
{
	struct reference reference;
	struct text whole;
	size_t n;

	if (!leads_upstream(r, f->value, &reference))
		return f->value;
	whole = with_prefix(r, &reference, &n);
	if (judge_serves(&r->request, r->route,
	    (struct text){ .p = whole.p, .n = n }, r->arena))
		return whole;
	r->astray = field_name(f->id).p;
	return f->value;
}

const struct head *
redirect_apply(struct redirect *r, const struct head *response,
    struct head *out, struct fields *list)
{
	if (!has_redirect(&response->fields))
		return response;
	fields_clear(list);
	for (size_t i = 0; i < response->fields.n; i++) {
		const struct field *f = &response->fields.v[i];

		fields_add(list, f->id, f->name,
		    is_redirect(f) ? value_for_client(r, f) : f->value);
	}
	*out = *response;
	out->fields = *list;
	return out;
}
