/*
 * Names of things and references to them; see names.h.
 */
#include "conf/names.h"

#include <string.h>

#include "base/nearest.h"
#include "conf/value.h"

static struct conf_where
name_where(const struct draft_object *o)
{
	return o->name.where.line != 0 ? o->name.where : o->given.at;
}

/* What stands in for a name that was left out. */
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

static const struct draft_object *
find_first(const struct list *list, enum group_id group, size_t before,
    const char *name)
{
	for (size_t i = 0; i < before; i++) {
		const struct draft_object *o = draft_object(list, group, i);

		if (o->name.text != NULL && strcmp(o->name.text, name) == 0)
			return o;
	}
	return NULL;
}

static void
check_list(struct reader *r, struct list *list, enum group_id group)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct draft_object *o = draft_object(list, group, i);
		const struct draft_object *first;

		if (o->name.text == NULL) {
			list->incomplete = true;
			continue;
		}
		first = find_first(list, group, i, o->name.text);
		if (first != NULL)
			reader_fault_at(r, name_where(o), "there is a %s '%s' "
			    "already, at %s:%u", option_groups[group].title,
			    o->name.text, name_where(first).file,
			    name_where(first).line);
	}
}

void
names_check(struct reader *r, struct draft *d)
{
	for (size_t i = 0; i < d->listeners.n; i++)
		name_listener(r, draft_listener(d, i));
	for (size_t i = 0; i < d->upstreams.n; i++)
		name_upstream(draft_upstream(d, i));
	check_list(r, &d->listeners, GROUP_LISTENER);
	check_list(r, &d->upstreams, GROUP_UPSTREAM);
	check_list(r, &d->routes, GROUP_ROUTE);
	check_list(r, &d->keys, GROUP_KEY);
	check_list(r, &d->clients, GROUP_CLIENT);
}

size_t
names_resolve(struct reader *r, const struct list *list, enum group_id group,
    const struct word *name)
{
	struct nearest near;

	nearest_start(&near, name->text);
	for (size_t i = 0; i < list->n; i++) {
		const char *have = draft_object(list, group, i)->name.text;

		if (have == NULL)
			continue;
		if (strcmp(have, name->text) == 0)
			return i;
		nearest_offer(&near, have);
	}
	if (list->incomplete)
		return CONF_NONE;
	if (value_may_be_secret(text_of(name->text)))
		reader_fault_at(r, name->where, "this looks like a key "
		    "itself, not like the name of a %s",
		    option_groups[group].title);
	else if (near.best != NULL)
		reader_fault_at(r, name->where, "there is no %s '%.100s' "
		    "(did you mean '%s'?)", option_groups[group].title,
		    name->text, near.best);
	else
		reader_fault_at(r, name->where, "there is no %s '%.100s'",
		    option_groups[group].title, name->text);
	return CONF_NONE;
}
