/*
 * Names of things and references to them; see names.h.
 */
#include "conf/names.h"

#include "base/nearest.h"
#include "conf/value.h"

/* From so many errors on none is suggested: each looks at all names. */
#define MAX_SUGGESTIONS	50

static struct conf_where
name_where(const struct draft_object *o)
{
	return o->name.where.line != 0 ? o->name.where : o->given.at;
}

/* Gives a default name to a listener without one. */
static void
name_listener(struct reader *r, struct draft_listener *l)
{
	char text[ADDR_TEXT];

	if (!l->given.valid[OPTION_LISTENER_address])
		return;
	addr_format(&l->out.address, text);
	l->out.address_text = arena_cstr(r->memory, text_of(text));
	if (!was_given(&l->given, OPTION_LISTENER_name))
		l->name.text = l->out.address_text;
}

static void
name_upstream(struct draft_upstream *u)
{
	if (!was_given(&u->given, OPTION_UPSTREAM_name))
		u->name.text = u->url.host;
}

static void
check_list(struct reader *r, struct list *list, enum group_id group)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct draft_object *o = draft_object(list, group, i);
		const struct draft_object *first;
		size_t same;

		if (o->name.text == NULL) {
			list->incomplete = true;
			continue;
		}
		same = lookup_add(&list->names, o->name.text, i);
		if (same == LOOKUP_NONE)
			continue;
		first = draft_object(list, group, same);
		reader_error_at(r, name_where(o), "there is a%s %s '%s' "
		    "already, at %s:%u", group == GROUP_UPSTREAM ? "n" : "",
		    option_groups[group].title,
		    o->name.text, name_where(first).file,
		    name_where(first).line);
	}
}

void
names_check(struct reader *r, struct draft *d)
{
	for (size_t i = 0; i < draft_n_sockets(d); i++)
		name_listener(r, draft_socket(d, i));
	for (size_t i = 0; i < d->upstreams.n; i++)
		name_upstream(draft_upstream(d, i));
	check_list(r, &d->listeners, GROUP_LISTENER);
	check_list(r, &d->upstreams, GROUP_UPSTREAM);
	check_list(r, &d->routes, GROUP_ROUTE);
	check_list(r, &d->keys, GROUP_KEY);
	check_list(r, &d->clients, GROUP_CLIENT);
}

void
names_end(struct draft *d)
{
	lookup_free(&d->listeners.names);
	lookup_free(&d->upstreams.names);
	lookup_free(&d->routes.names);
	lookup_free(&d->keys.names);
	lookup_free(&d->clients.names);
}

/* The nearest name; NULL: none is near, or there were many errors already. */
static const char *
find_nearest(const struct reader *r, const struct list *list,
    enum group_id group, const char *name)
{
	struct nearest near;

	nearest_start(&near, name);
	if (r->diagnostics->n >= MAX_SUGGESTIONS)
		return NULL;
	for (size_t i = 0; i < list->n; i++) {
		const char *have = draft_object(list, group, i)->name.text;

		if (have != NULL)
			nearest_offer(&near, have);
	}
	return near.best;
}

size_t
names_resolve(struct reader *r, const struct list *list, enum group_id group,
    const struct word *name)
{
	size_t i = lookup_find(&list->names, name->text);
	const char *near;

	if (i != LOOKUP_NONE)
		return i;
	if (list->incomplete)
		return CONF_NONE;
	near = find_nearest(r, list, group, name->text);
	if (value_may_be_secret(text_of(name->text)))
		reader_error_at(r, name->where, "this looks like a key "
		    "itself, not like the name of a %s",
		    option_groups[group].title);
	else if (near != NULL)
		reader_error_at(r, name->where, "there is no %s '%.100s' "
		    "(did you mean '%s'?)", option_groups[group].title,
		    name->text, near);
	else
		reader_error_at(r, name->where, "there is no %s '%.100s'",
		    option_groups[group].title, name->text);
	return CONF_NONE;
}
