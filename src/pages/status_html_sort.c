/*
 * What the document says of keys, brought together and in the order in which
 * people should see it; see status_html_parts.h.
 */
#include "pages/status_html_parts.h"

#include <stdlib.h>

#include "base/alloc.h"

/* What is said of a state by colour, beside its name. */
static const struct state {
	struct text state;
	const char *colour;
	bool over, bad;
} states[] = {
	{ TEXT("expired"), "over", true, true },
	{ TEXT("rejected"), "over", true, true },
	{ TEXT("disabled"), "off", true, true },
	{ TEXT("expiring"), "soon", false, true },
	{ TEXT("active"), "fine", false, false },
	{ TEXT("standby"), "fine", false, false },
	{ TEXT("unused"), "fine", false, false },
};

#define N_STATES	(sizeof(states) / sizeof(*states))

/* -- by names -- */

static int
compare_names(const void *a, const void *b)
{
	const struct html_named *x = a, *y = b;
	int c = text_compare(x->name, y->name);

	return c != 0 ? c : (x->place > y->place) - (x->place < y->place);
}

/* The members of a list by the text that each has under that name. */
static void
names_sort(struct html_names *names, const struct json_value *list,
    const char *member)
{
	*names = (struct html_names){ .n = list != NULL ? list->count : 0 };
	names->v = xcalloc(names->n + 1, sizeof(*names->v));
	names->n = 0;
	if (list == NULL)
		return;
	for (const struct json_value *v = list->first; v != NULL; v = v->next) {
		names->v[names->n] = (struct html_named){
			.name = json_string(json_member(v, member)),
			.place = names->n, .value = v,
		};
		names->n++;
	}
	qsort(names->v, names->n, sizeof(*names->v), compare_names);
}

size_t
html_names_find(const struct html_names *names, struct text name, size_t *n)
{
	size_t low = 0, high = names->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (text_compare(names->v[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*n = 0;
	while (low + *n < names->n && text_eq(names->v[low + *n].name, name))
		++*n;
	return low;
}

/* -- by urgency -- */

static int
compare_keys(const void *a, const void *b)
{
	const struct html_key *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	if (x->expires != y->expires)
		return x->expires < y->expires ? -1 : 1;
	return text_compare(x->name, y->name);
}

/* NULL: it is none that is known here. */
static const struct state *
state_find(struct text name)
{
	for (size_t i = 0; i < N_STATES; i++) {
		if (text_eq(states[i].state, name))
			return &states[i];
	}
	return NULL;
}

static void
read_key(const struct html_keys *keys, struct html_key *k,
    const struct json_value *v)
{
	const struct state *state;

	*k = (struct html_key){
		.key = v,
		.name = json_string(json_member(v, "name")),
		.state = json_string(json_member(v, "state")),
		.expires = html_seconds(json_member(v, "expires")),
		.colour = "fine",
	};
	k->matter = html_names_find(&keys->matters, k->name, &k->n_matters);
	k->bad = k->n_matters > 0;
	k->rank = k->expires != HTML_TIME_NONE ? HTML_RANK_ENDS :
	    HTML_RANK_LASTS;
	state = state_find(k->state);
	if (state == NULL)
		return;
	k->colour = state->colour;
	k->bad |= state->bad;
	if (state->over)
		k->rank = k->n_matters > 0 ? HTML_RANK_OVER : HTML_RANK_DONE;
}

void
html_keys_sort(struct html_keys *keys, const struct json_value *doc)
{
	const struct json_value *list = json_member(doc, "keys");

	*keys = (struct html_keys){ .n = 0 };
	names_sort(&keys->matters, json_member(doc, "attention"), "key");
	names_sort(&keys->routes, json_member(doc, "routes"), "name");
	names_sort(&keys->names, list, "name");
	keys->v = xcalloc((list != NULL ? list->count : 0) + 1,
	    sizeof(*keys->v));
	for (const struct json_value *v = list != NULL ? list->first : NULL;
	    v != NULL; v = v->next) {
		read_key(keys, &keys->v[keys->n], v);
		keys->n_needs += keys->v[keys->n].n_matters > 0;
		keys->n++;
	}
	qsort(keys->v, keys->n, sizeof(*keys->v), compare_keys);
}

void
html_keys_free(struct html_keys *keys)
{
	free(keys->v);
	free(keys->matters.v);
	free(keys->routes.v);
	free(keys->names.v);
}

const char *
html_keys_colour(const struct html_keys *keys, struct text name)
{
	const struct state *state = NULL;
	size_t n, at = html_names_find(&keys->names, name, &n);

	if (n > 0)
		state = state_find(json_string(json_member(
		    keys->names.v[at].value, "state")));
	return state != NULL ? state->colour : "fine";
}

const struct html_key *
html_keys_next(const struct html_keys *keys)
{
	for (size_t i = 0; i < keys->n; i++) {
		if (keys->v[i].rank == HTML_RANK_ENDS)
			return &keys->v[i];
	}
	return NULL;
}
