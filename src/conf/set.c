/*
 * Values of options; see set.h.  types.tbl says how each type is read.
 * Messages show a wrong value, unless it may be a secret.
 */
#include "conf/set.h"

#include <string.h>

#include "conf/convert.h"
#include "conf/draft.h"
#include "conf/scan.h"
#include "conf/value.h"

/* How one value, or each element of a list, is read. */
struct how {
	bool (*set)(const struct written *, const struct how *, void *at);
	converter *convert;	/* of the text */
	bool silent;		/* no message shows the text */
	size_t element;		/* the size of one in a list; 0: no list */
};

/* Messages. */

static bool
wrong_type(const struct written *w)
{
	reader_error(w->r, w->s, "option '%s' must be %s", w->o->name,
	    option_type_text(w->o->type));
	return false;
}

static bool
refuse_whole(const struct written *w, const char *why)
{
	reader_error(w->r, w->s, "option '%s' %s", w->o->name, why);
	return false;
}

/* A user who mixes up a key and its name must not get the key into a log. */
static bool
may_show(const struct written *w, struct text t)
{
	return !w->r->sealed && !value_may_be_secret(t);
}

static bool
refuse(const struct written *w, struct text t, bool silent, const char *why)
{
	if (!silent && may_show(w, t))
		reader_error(w->r, w->s, "option '%s': \"%.100s\": %s",
		    w->o->name, t.p, why);
	else
		reader_error(w->r, w->s, "option '%s': %s", w->o->name, why);
	return false;
}

/* libconfig has cut the number, which is reported. */
static bool
is_cut(const struct written *w)
{
	struct conf_where at = reader_where(w->r, w->s);

	return conf_diagnostics_have(w->r->diagnostics, at.file, at.line,
	    SCAN_TOO_LARGE);
}

/* quote is put around the value, as in a file. */
static bool
is_in_range(const struct written *w, int64_t v, const char *shown,
    const char *quote)
{
	char least[VALUE_TEXT], most[VALUE_TEXT];

	if (v >= w->o->min && v <= w->o->max)
		return true;
	if (is_cut(w))
		return false;
	option_format_number(w->o, w->o->min, least);
	option_format_number(w->o, w->o->max, most);
	reader_error(w->r, w->s, "option '%s': %s%s%s is out of range "
	    "(%s to %s)", w->o->name, quote, shown, quote, least, most);
	return false;
}

/* Texts. */

/* False after an error.  A NUL follows the text. */
static bool
get_text(const struct written *w, struct text *t)
{
	const char *p = setting_text(w->s);

	if (p == NULL)
		return wrong_type(w);
	*t = text_of(p);
	if (text_has_control(*t))
		return refuse_whole(w, "holds a control character");
	return true;
}

static bool
convert(const struct written *w, const struct how *how, struct text t,
    void *at)
{
	const char *why = how->convert(w, t, at);

	if (why == NULL)
		return true;
	return refuse(w, t, how->silent, why);
}

static bool
set_text(const struct written *w, const struct how *how, void *at)
{
	struct text t;

	return get_text(w, &t) && convert(w, how, t, at);
}

/* A time or size. */
static bool
set_quantity(const struct written *w, const struct how *how, void *at)
{
	struct text t;
	int64_t v;

	if (!get_text(w, &t) || !convert(w, how, t, &v) ||
	    !is_in_range(w, v, t.p, "\""))
		return false;
	*(int64_t *)at = v;
	return true;
}

static bool
set_word(const struct written *w, const struct how *how, void *at)
{
	struct option_word word;
	struct text t;

	(void)how;
	if (!get_text(w, &t))
		return false;
	word = option_find_word(w->o, t);
	if (word.later)
		return refuse(w, t, false, "not available in this version");
	if (word.found) {
		*(unsigned *)at = word.place;
		return true;
	}
	if (may_show(w, t))
		reader_error(w->r, w->s, "option '%s': \"%.100s\" is not one "
		    "of %.*s", w->o->name, t.p, TEXT_ARG(option_words(w->o)));
	else
		reader_error(w->r, w->s, "option '%s': must be one of %.*s",
		    w->o->name, TEXT_ARG(option_words(w->o)));
	return false;
}

/* The name beside the value, for people. */
static const char *
sibling_name(const struct setting *s)
{
	const char *name = setting_text(setting_beside(s, "name"));

	return name != NULL && value_name(text_of(name)) == NULL ? name : "?";
}

/* The copy in the tree is overwritten when the tree is freed. */
static bool
set_secret(const struct written *w, const struct how *how, void *at)
{
	const char *p = setting_text(w->s), *why;

	(void)how;
	if (p == NULL)
		return wrong_type(w);
	why = value_secret(text_of(p));
	if (why != NULL) {
		reader_error(w->r, w->s, "the value of key '%s' %s",
		    sibling_name(w->s), why);
		return false;
	}
	*(struct secret **)at = secret_copy(p, strlen(p));
	return true;
}

/* Values that are not texts. */

static bool
set_bool(const struct written *w, const struct how *how, void *at)
{
	(void)how;
	if (setting_kind(w->s) != SETTING_BOOL)
		return wrong_type(w);
	*(bool *)at = setting_bool(w->s);
	return true;
}

static bool
set_number(const struct written *w, const struct how *how, void *at)
{
	char shown[VALUE_TEXT];
	int64_t v;

	(void)how;
	if (setting_kind(w->s) != SETTING_INT &&
	    setting_kind(w->s) != SETTING_INT64)
		return wrong_type(w);
	v = setting_number(w->s);
	option_format_number(w->o, v, shown);
	if (!is_in_range(w, v, shown, ""))
		return false;
	*(uint32_t *)at = (uint32_t)v;
	return true;
}

/* A user or group: a number may be without quotes. */
static bool
set_id(const struct written *w, const struct how *how, void *at)
{
	if (setting_kind(w->s) != SETTING_INT || setting_number(w->s) < 0)
		return set_text(w, how, at);
	*(uint32_t *)at = (uint32_t)setting_number(w->s);
	return true;
}

/* parse.c reads the others of a list. */
static bool
set_first_address(const struct written *w, const struct how *how, void *at)
{
	const struct how address = { .convert = convert_address };
	struct written e = *w;

	(void)how;
	if (setting_kind(w->s) != SETTING_ARRAY &&
	    setting_kind(w->s) != SETTING_LIST)
		return set_text(w, &address, at);
	if (setting_count(w->s) == 0)
		return refuse_whole(w, "is empty: name at least one");
	e.s = setting_at(w->s, 0);
	return set_text(&e, &address, at);
}

/* Lists differ only in the type that .v points to. */
static void
store_list(void *at, void *v, size_t n)
{
	memcpy(at, &v, sizeof(v));
	memcpy((uint8_t *)at + offsetof(struct list, n), &n, sizeof(n));
}

static bool
set_list(const struct written *w, const struct how *how, void *at)
{
	struct written e = *w;
	bool good = true;
	uint8_t *v;
	size_t n;

	if (setting_kind(w->s) != SETTING_ARRAY &&
	    setting_kind(w->s) != SETTING_LIST)
		return wrong_type(w);
	n = setting_count(w->s);
	if (n == 0)
		return refuse_whole(w, "is empty: name at least one");
	v = arena_zalloc(w->r->memory, n * how->element);
	for (size_t i = 0; i < n; i++) {
		e.s = setting_at(w->s, i);
		good &= how->set(&e, how, v + i * how->element);
	}
	if (good)
		store_list(at, v, n);
	return good;
}

#define TYPE(name, member, how, expected)
#define LIST_TYPE(name, member, element, how, expected) \
	_Static_assert(offsetof(member, v) == 0 && \
	    sizeof(((member *)NULL)->v) == sizeof(void *) && \
	    offsetof(member, n) == offsetof(struct list, n), #name);
#include "conf/types.tbl"
#undef TYPE
#undef LIST_TYPE

#define SHOWN(f)	.set = set_text, .convert = (f)
#define SILENT(f)	.set = set_text, .convert = (f), .silent = true
#define QUANTITY(f)	.set = set_quantity, .convert = (f)
#define ID(f)		.set = set_id, .convert = (f)
#define BY(f)		.set = (f)
#define PARSED		.set = NULL

static const struct how types[] = {
#define TYPE(name, member, how, expected) \
	[OPTION_TYPE_##name] = { how },
#define LIST_TYPE(name, member, size, how, expected) \
	[OPTION_TYPE_##name] = { how, .element = sizeof(size) },
#include "conf/types.tbl"
#undef TYPE
#undef LIST_TYPE
};

bool
set_value(struct reader *r, const struct option_info *o,
    const struct setting *s, void *at)
{
	const struct written w = { .r = r, .o = o, .s = s };
	const struct how *how = &types[o->type];

	return how->element != 0 ? set_list(&w, how, at) :
	    how->set(&w, how, at);
}
