/*
 * The options table; see options.h.  Compiling it proves that the member of
 * every option has the type of its values.
 */
#include "conf/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/nearest.h"
#include "conf/draft.h"
#include "conf/value.h"

#define KIB(n)		((int64_t)(n) * 1024)
#define MIB(n)		(KIB(n) * 1024)
#define GIB(n)		(MIB(n) * 1024)
#define HOURS(n)	((int64_t)(n) * 3600 * 1000)

/* The objects of the groups, by name. */
#define GROUP(id, type, title) typedef type object_##id;
#define OPTION(group, name, type, member, limits, presence, help)
#define LATER(group, name)
#define RENAMED(group, name, what)
#include "conf/options.tbl"
#undef GROUP
#undef OPTION
#undef LATER
#undef RENAMED

/* The values of the types, by name; a group may be of any type. */
#define TYPE(name, member, how, expected) typedef member value_##name;
#define LIST_TYPE(name, member, element, how, expected) \
	typedef member value_##name;
#include "conf/types.tbl"
#undef TYPE
#undef LIST_TYPE

#define GROUP(id, type, title)
#define OPTION(group, name, type, member, limits, presence, help) \
	_Static_assert(OPTION_TYPE_##type == OPTION_TYPE_GROUP || \
	    _Generic(&((object_##group *)NULL)->member, \
	    value_##type *: 1, default: 0), #group "." #name);
#define LATER(group, name)
#define RENAMED(group, name, what)
#include "conf/options.tbl"
#undef GROUP
#undef OPTION
#undef LATER
#undef RENAMED

#define ANY		.min = 0
#define RANGE(lo, hi)	.min = (lo), .max = (hi)
#define WORDS(w)	.words = (w)
#define OF(g, least)	.of = GROUP_##g, .min = (least)
#define REQUIRED	.required = true
#define PRESET(text)	.preset = (text)
#define ABSENT(text)	.absent = (text)

const struct option_info options[N_OPTIONS] = {
#define GROUP(gid, ctype, gtitle)
#define OPTION(g, n, t, member, limits, presence, h) \
	[OPTION_##g##_##n] = { .id = OPTION_##g##_##n, \
	    .group = GROUP_##g, .name = #n, .type = OPTION_TYPE_##t, \
	    .offset = offsetof(object_##g, member), limits, presence, \
	    .help = h },
#define LATER(g, n) \
	[OPTION_##g##_##n] = { .id = OPTION_##g##_##n, \
	    .group = GROUP_##g, .name = #n, .later = true },
#define RENAMED(g, n, what) \
	[OPTION_##g##_##n] = { .id = OPTION_##g##_##n, \
	    .group = GROUP_##g, .name = #n, .renamed = (what) },
#include "conf/options.tbl"
#undef GROUP
#undef OPTION
#undef LATER
#undef RENAMED
};

const struct group_info option_groups[N_GROUPS] = {
#define GROUP(gid, ctype, gtitle) \
	[GROUP_##gid] = { .title = gtitle, .size = sizeof(ctype) },
#define OPTION(g, n, t, member, limits, presence, h)
#define LATER(g, n)
#define RENAMED(g, n, what)
#include "conf/options.tbl"
#undef GROUP
#undef OPTION
#undef LATER
#undef RENAMED
};

const char *
option_type_text(enum option_type type)
{
	static const char *const texts[] = {
#define TYPE(name, member, how, expected) [OPTION_TYPE_##name] = expected,
#define LIST_TYPE(name, member, element, how, expected) \
		[OPTION_TYPE_##name] = expected,
#include "conf/types.tbl"
#undef TYPE
#undef LIST_TYPE
	};

	return texts[type];
}

struct option_word
option_find_word(const struct option_info *o, struct text t)
{
	struct option_word at = { .place = 0 };
	struct text words, word;

	if (o->words == NULL)
		return at;
	words = text_of(o->words);
	for (; text_split(&words, '|', &word); at.place++) {
		at.later = text_starts_with(word, TEXT("!"));
		if (at.later)
			word = text_range(word.p + 1, word.p + word.n);
		at.found = text_eq(word, t);
		if (at.found)
			return at;
	}
	return (struct option_word){ .found = false };
}

/* Words of later versions come last. */
struct text
option_words(const struct option_info *o)
{
	const char *later = strstr(o->words, "|!");

	return later != NULL ? text_range(o->words, later) :
	    text_of(o->words);
}

void
option_format_number(const struct option_info *o, int64_t v, char *out)
{
	if (o->type == OPTION_TYPE_TIME)
		value_format_time(out, v);
	else if (o->type == OPTION_TYPE_SIZE)
		value_format_size(out, (uint64_t)v);
	else
		(void)snprintf(out, VALUE_TEXT, "%lld", (long long)v);
}

const struct option_info *
option_find(enum group_id group, const char *name)
{
	for (size_t i = 0; i < N_OPTIONS; i++) {
		if (options[i].group == group &&
		    strcmp(options[i].name, name) == 0)
			return &options[i];
	}
	return NULL;
}

char *
option_explain_unknown(enum group_id group, const char *name)
{
	struct nearest near;

	if (value_may_be_secret(text_of(name)))
		return xasprintf("a key stands where an option is expected "
		    "(%s)", option_groups[group].title);
	nearest_start(&near, name);
	for (size_t i = 0; i < N_OPTIONS; i++) {
		if (options[i].group == group && options[i].renamed == NULL)
			nearest_offer(&near, options[i].name);
		else if (strcmp(options[i].name, name) == 0)
			return xasprintf("option '%s' has no place here (%s), "
			    "it belongs to: %s", name,
			    option_groups[group].title,
			    option_groups[options[i].group].title);
	}
	if (near.best == NULL)
		return xasprintf("unknown option '%s' (%s)", name,
		    option_groups[group].title);
	return xasprintf("unknown option '%s' (did you mean '%s'?)", name,
	    near.best);
}
