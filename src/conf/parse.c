/*
 * The walk along the tree; see parse.h.  It knows groups and lists; the values
 * of options are read by set.c.
 */
#include "conf/parse.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "conf/set.h"

static void	parse_group(struct reader *, enum group_id,
		    const struct setting *, void *, struct given *);

/*
 * Sets members whose value is not zero where the option is absent and has no
 * default text.
 */
static void
init_object(enum group_id group, void *object)
{
	if (group == GROUP_LISTENER || group == GROUP_ADMIN) {
		struct draft_listener *l = object;

		l->out.owner = l->out.group = CONF_NO_ID;
	} else if (group == GROUP_UPSTREAM) {
		struct draft_upstream *u = object;

		u->out.proxy.key = CONF_NONE;
	} else if (group == GROUP_ROUTE) {
		struct draft_route *t = object;

		t->out.client = t->out.upstream = CONF_NONE;
	} else if (group == GROUP_KEY) {
		struct draft_key *k = object;

		k->out.expires = CONF_NO_TIME;
		k->out.created = CONF_NO_TIME;
	}
}

void
parse_init(struct draft *d)
{
	memset(d, 0, sizeof(*d));
	d->out.uid = d->out.gid = CONF_NO_ID;
}

/* "g0 = { workers = 0; ... }; g1 = ..." */
struct tree *
parse_presets(void)
{
	struct tree *tree;
	struct buf text;

	buf_init(&text, NULL);
	for (enum group_id g = 0; g < N_GROUPS; g++) {
		buf_printf(&text, "g%u = {", (unsigned)g);
		for (size_t i = 0; i < N_OPTIONS; i++) {
			if (options[i].group == g && options[i].preset != NULL)
				buf_printf(&text, " %s = %s;",
				    options[i].name, options[i].preset);
		}
		buf_printf(&text, " };\n");
	}
	buf_append(&text, "", 1);
	tree = tree_of((const char *)buf_data(&text));
	buf_release(&text);
	return tree;
}

static const struct setting *
find_preset(const struct reader *r, const struct option_info *o)
{
	return setting_find(setting_at(tree_root(r->presets), o->group),
	    o->name);
}

/* Room for n more objects at the end of the list. */
static void *
extend_list(struct reader *r, struct list *list, size_t size, size_t n)
{
	uint8_t *v = list->v;

	if (v != NULL && n <= list->cap - list->n)
		return v + list->n * size;
	/* By halves: many files may have a few each. */
	list->cap = list->n + (n > list->n / 2 ? n : list->n / 2);
	v = arena_zalloc(r->scratch, list->cap * size);
	if (list->v != NULL)
		memcpy(v, list->v, list->n * size);
	list->v = v;
	return v + list->n * size;
}

/* One object of a list, which begins with a struct given. */
static bool
parse_element(struct reader *r, enum group_id group,
    const struct setting *s, struct draft_object *object)
{
	if (setting_kind(s) != SETTING_GROUP) {
		reader_error(r, s, "each %s must be a group, { ... }",
		    option_groups[group].title);
		return false;
	}
	object->given.at = reader_where(r, s);
	init_object(group, object);
	parse_group(r, group, s, object, &object->given);
	return true;
}

/* Adds one to the list; there is room for it where the caller made some. */
static void
add_element(struct reader *r, const struct option_info *o,
    const struct setting *s, struct list *list)
{
	size_t size = option_groups[o->of].size;
	void *at = extend_list(r, list, size, 1);

	if (parse_element(r, o->of, s, at)) {
		list->n++;
		return;
	}
	memset(at, 0, size);
	list->incomplete = true;
}

/* One more like the last one, with another address. */
static void
add_like_last(struct reader *r, const struct option_info *o,
    const struct setting *address, struct list *list)
{
	const struct option_info *where = option_find(o->of, "address");
	size_t size = option_groups[o->of].size;
	uint8_t *at = extend_list(r, list, size, 1);

	memcpy(at, (uint8_t *)list->v + (list->n - 1) * size, size);
	if (set_value(r, where, address, at + where->offset)) {
		list->n++;
		return;
	}
	memset(at, 0, size);
	list->incomplete = true;
}

/* A group with several addresses stands for one with each of them. */
static void
add_each(struct reader *r, const struct option_info *o,
    const struct setting *s, struct list *list)
{
	const struct setting *addresses = setting_kind(s) == SETTING_GROUP ?
	    setting_find(s, "address") : NULL;
	size_t before = list->n;

	add_element(r, o, s, list);
	if (addresses == NULL || list->n == before)
		return;
	for (size_t i = 1; i < setting_count(addresses); i++)
		add_like_last(r, o, setting_at(addresses, i), list);
}

static bool
parse_list(struct reader *r, const struct option_info *o,
    const struct setting *s, struct list *list)
{
	enum setting_kind kind = setting_kind(s);
	size_t n = setting_count(s);

	/* People write an empty array for an empty list. */
	if (kind != SETTING_LIST && (kind != SETTING_ARRAY || n != 0)) {
		reader_error(r, s, "option '%s' must be %s", o->name,
		    option_type_text(o->type));
		list->incomplete = true;
		return false;
	}
	if ((int64_t)n < o->min) {
		reader_error(r, s, "option '%s' is empty: at least one %s is "
		    "needed", o->name, option_groups[o->of].title);
		list->incomplete = true;
		return false;
	}
	(void)extend_list(r, list, option_groups[o->of].size, n);
	for (size_t i = 0; i < n; i++)
		(o->type == OPTION_TYPE_ONE_OR_MORE ? add_each : add_element)(
		    r, o, setting_at(s, i), list);
	return true;
}

/* People who have one write it without the brackets of a list. */
static bool
parse_one_or_more(struct reader *r, const struct option_info *o,
    const struct setting *s, struct list *list)
{
	if (setting_kind(s) != SETTING_GROUP)
		return parse_list(r, o, s, list);
	add_each(r, o, s, list);
	return true;
}

static bool
parse_nested(struct reader *r, const struct option_info *o,
    const struct setting *s, void *at, struct given *given)
{
	if (setting_kind(s) != SETTING_GROUP) {
		reader_error(r, s, "option '%s' must be %s", o->name,
		    option_type_text(o->type));
		return false;
	}
	parse_group(r, o->of, s, at, given);
	return true;
}

static bool
parse_value(struct reader *r, const struct option_info *o,
    const struct setting *s, void *at, struct given *given)
{
	if (o->type == OPTION_TYPE_GROUP)
		return parse_nested(r, o, s, at, given);
	if (o->type == OPTION_TYPE_SEALED_LIST && !r->sealed) {
		reader_error(r, s, "option '%s' is refused in a file that is "
		    "not sealed: put it into a file of its own, seal that "
		    "with 'sallyport seal' and name it in 'sealed'", o->name);
		return false;
	}
	if (o->type == OPTION_TYPE_ONE_OR_MORE)
		return parse_one_or_more(r, o, s, at);
	if (o->type == OPTION_TYPE_LIST || o->type == OPTION_TYPE_SEALED_LIST)
		return parse_list(r, o, s, at);
	return set_value(r, o, s, at);
}

/* Reads one option as it was written. */
static void
parse_option(struct reader *r, enum group_id group, const struct setting *s,
    uint8_t *object, struct given *given)
{
	const char *name = setting_name(s);
	const struct option_info *o = option_find(group, name);

	if (o == NULL) {
		char *why = option_explain_unknown(group, name);

		reader_error(r, s, "%s", why);
		free(why);
		return;
	}
	if (o->later) {
		reader_error(r, s, "option '%s' is not available in this "
		    "version", name);
		return;
	}
	if (o->renamed != NULL) {
		reader_error(r, s, "option '%s' has another name: %s", name,
		    o->renamed);
		return;
	}
	given->option[o->id] = reader_where(r, s);
	given->valid[o->id] = parse_value(r, o, s, object + o->offset, given);
}

/* Sets the options of a group to their defaults before anything is read. */
static void
preset_group(struct reader *r, enum group_id group, uint8_t *object,
    struct given *given)
{
	for (size_t i = 0; i < N_OPTIONS; i++) {
		const struct option_info *o = &options[i];

		if (o->group != group || o->later)
			continue;
		if (o->type == OPTION_TYPE_GROUP)
			preset_group(r, o->of, object + o->offset, given);
		else if (o->preset != NULL)
			(void)set_value(r, o, find_preset(r, o),
			    object + o->offset);
	}
}

static void
check_required(struct reader *r, enum group_id group,
    struct conf_where where, const struct given *given)
{
	for (size_t i = 0; i < N_OPTIONS; i++) {
		const struct option_info *o = &options[i];

		if (o->group == group && o->required &&
		    !was_given(given, o->id))
			reader_error_at(r, where, "option '%s' is missing "
			    "(%s)", o->name, option_groups[group].title);
	}
}

static void
parse_group(struct reader *r, enum group_id group, const struct setting *s,
    void *object, struct given *given)
{
	preset_group(r, group, object, given);
	for (size_t i = 0; i < setting_count(s); i++)
		parse_option(r, group, setting_at(s, i), object, given);
	check_required(r, group, reader_where(r, s), given);
}

void
parse_sealed(struct reader *r, const struct setting *root, struct draft *d)
{
	parse_group(r, GROUP_SEALED, root, d, &d->given);
}

void
parse_begin(struct reader *r, struct draft *d)
{
	/* A missing option has no line of its own. */
	d->given.at = (struct conf_where){ .file = r->file, .line = 1 };
	preset_group(r, GROUP_CONF, (uint8_t *)d, &d->given);
}

static bool
is_given_twice(struct reader *r, const struct setting *s,
    const struct given *given)
{
	const struct option_info *o =
	    option_find(GROUP_CONF, setting_name(s));
	const struct conf_where *first;

	if (o == NULL || !was_given(given, o->id))
		return false;
	first = &given->option[o->id];
	reader_error(r, s, "option '%s' is given twice: it is in %s:%u "
	    "already", o->name, first->file, first->line);
	return true;
}

void
parse_part(struct reader *r, const struct setting *root, struct draft *d)
{
	for (size_t i = 0; i < setting_count(root); i++) {
		const struct setting *s = setting_at(root, i);

		if (!is_given_twice(r, s, &d->given))
			parse_option(r, GROUP_CONF, s, (uint8_t *)d,
			    &d->given);
	}
}

void
parse_end(struct reader *r, struct draft *d)
{
	check_required(r, GROUP_CONF, d->given.at, &d->given);
}
