/*
 * The options table; see options.h.  Compiling it proves that every option
 * goes into a member of the type its values have.
 */
#include "conf/options.h"

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
#include "conf/options.tbl"
#undef GROUP
#undef OPTION
#undef LATER

/* The values of the types, by name; a group may be of any type. */
#define TYPE(name, ctype, expected) typedef ctype value_##name;
OPTION_TYPES(TYPE)
#undef TYPE

#define GROUP(id, type, title)
#define OPTION(group, name, type, member, limits, presence, help) \
	_Static_assert(OPTION_TYPE_##type == OPTION_TYPE_GROUP || \
	    _Generic(&((object_##group *)NULL)->member, \
	    value_##type *: 1, default: 0), #group "." #name);
#define LATER(group, name)
#include "conf/options.tbl"
#undef GROUP
#undef OPTION
#undef LATER

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
#include "conf/options.tbl"
#undef GROUP
#undef OPTION
#undef LATER
};

const struct group_info option_groups[N_GROUPS] = {
#define GROUP(gid, ctype, gtitle) \
	[GROUP_##gid] = { .title = gtitle, .size = sizeof(ctype) },
#define OPTION(g, n, t, member, limits, presence, h)
#define LATER(g, n)
#include "conf/options.tbl"
#undef GROUP
#undef OPTION
#undef LATER
};

const char *
option_type_text(enum option_type type)
{
	static const char *const texts[] = {
#define TYPE(name, ctype, expected) [OPTION_TYPE_##name] = expected,
		OPTION_TYPES(TYPE)
#undef TYPE
	};

	return texts[type];
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
		if (options[i].group == group)
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
