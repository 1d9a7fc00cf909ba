/*
 * The options table as data; options.tbl has the rows, types.tbl the types of
 * values.
 */
#ifndef CONF_OPTIONS_H
#define CONF_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum option_id {
#define GROUP(id, type, title)
#define OPTION(group, name, type, member, limits, presence, help) \
	OPTION_##group##_##name,
#define LATER(group, name) OPTION_##group##_##name,
#define RENAMED(group, name, what) OPTION_##group##_##name,
#include "conf/options.tbl"
#undef GROUP
#undef OPTION
#undef LATER
#undef RENAMED
	N_OPTIONS
};

enum group_id {
#define GROUP(id, type, title) GROUP_##id,
#define OPTION(group, name, type, member, limits, presence, help)
#define LATER(group, name)
#define RENAMED(group, name, what)
#include "conf/options.tbl"
#undef GROUP
#undef OPTION
#undef LATER
#undef RENAMED
	N_GROUPS
};

enum option_type {
#define TYPE(name, member, how, expected) OPTION_TYPE_##name,
#define LIST_TYPE(name, member, element, how, expected) OPTION_TYPE_##name,
#include "conf/types.tbl"
#undef TYPE
#undef LIST_TYPE
};

struct option_info {
	enum option_id id;
	enum group_id group;
	const char *name;
	enum option_type type;
	size_t offset;		/* in the object of its group */
	int64_t min, max;	/* of numbers; of a list, least elements */
	const char *words;	/* "a|b|!c" or NULL */
	enum group_id of;	/* of GROUP, LIST: their options */
	bool required;
	bool later;		/* not available in this version */
	const char *renamed;	/* it was another name's; what to do */
	const char *preset;	/* the default, as in a file; or NULL */
	const char *absent;	/* else: the meaning of its absence */
	const char *help;
};

struct group_info {
	const char *title;
	size_t size;		/* of its object */
};

extern const struct option_info options[N_OPTIONS];
extern const struct group_info option_groups[N_GROUPS];

/* The expected form of a value of this type. */
const char	*option_type_text(enum option_type);

/* The place of a word among the words of an option. */
struct option_word {
	bool found;
	bool later;		/* not available in this version */
	unsigned place;
};
struct option_word option_find_word(const struct option_info *, struct text);

/* The words of an option that this version has, "a|b". */
struct text	 option_words(const struct option_info *);

/*
 * Writes a number, time or size of this option as in a file, without quotes,
 * into VALUE_TEXT bytes.
 */
void		 option_format_number(const struct option_info *, int64_t,
		    char *);

/* The option of a group with this name, or NULL. */
const struct option_info *option_find(enum group_id, const char *name);

/*
 * Why there is no such option: it is of another group, or misspelled for the
 * nearest one of this group; to be freed.
 */
char		*option_explain_unknown(enum group_id, const char *name);

#endif
