/*
 * The options table as data; options.tbl has the rows.
 */
#ifndef CONF_OPTIONS_H
#define CONF_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_id {
#define GROUP(id, type, title)
#define OPTION(group, name, type, member, limits, presence, help) \
	OPTION_##group##_##name,
#define LATER(group, name) OPTION_##group##_##name,
#include "conf/options.tbl"
#undef GROUP
#undef OPTION
#undef LATER
	N_OPTIONS
};

enum group_id {
#define GROUP(id, type, title) GROUP_##id,
#define OPTION(group, name, type, member, limits, presence, help)
#define LATER(group, name)
#include "conf/options.tbl"
#undef GROUP
#undef OPTION
#undef LATER
	N_GROUPS
};

/*
 * What an option's value looks like: TYPE(name, type of the member, what is
 * expected).
 */
#define OPTION_TYPES(TYPE) \
	TYPE(ADDRESS, struct addr, "an address such as \"127.0.0.1:9080\"") \
	TYPE(BOOL, bool, "true or false") \
	TYPE(CLIENT_KEY, struct word, "a word in quotes") \
	TYPE(DATE, int64_t, "a time such as \"2027-02-23T00:00:00Z\"") \
	TYPE(DIGEST, struct conf_pin, "64 hexadecimal digits in quotes") \
	TYPE(GROUP, void, "a group, { ... }") \
	TYPE(GROUPS, struct conf_ids, "a list such as [ \"staff\" ]") \
	TYPE(GROUP_ID, uint32_t, "a group such as \"staff\"") \
	TYPE(HOST, char *, "a host name in quotes") \
	TYPE(HOSTS, struct conf_texts, "a list such as [ \"localhost\" ]") \
	TYPE(HOST_PORT, struct host_port, "\"HOST:PORT\"") \
	TYPE(KEY_HOSTS, struct conf_texts, \
	    "a list such as [ \"api.elastic-cloud.com\" ]") \
	TYPE(LIST, struct list, "a list, ( { ... }, { ... } )") \
	TYPE(METHODS, struct conf_texts, "a list such as [ \"GET\" ]") \
	TYPE(MODE, uint32_t, "octal digits in quotes such as \"0660\"") \
	TYPE(NAME, struct word, "a name in quotes") \
	TYPE(NUMBER, uint32_t, "a whole number") \
	TYPE(PATH, char *, "a path in quotes") \
	TYPE(PINS, struct list, "a list such as [ \"sha256//...\" ]") \
	TYPE(PREFIX, char *, "a path such as \"/billing\"") \
	TYPE(RANGES, struct list, "a list such as [ \"192.0.2.0/24\" ]") \
	TYPE(REF, struct word, "a name in quotes") \
	TYPE(REFS, struct words, "a list such as [ \"one\", \"two\" ]") \
	TYPE(SCHEME, char *, "a word such as \"ApiKey\"") \
	TYPE(SEALED_LIST, struct list, "a list, ( { ... }, { ... } )") \
	TYPE(SECRET, struct secret *, "a text in quotes") \
	TYPE(SIZE, uint64_t, "a size such as \"32KiB\"") \
	TYPE(STRING, char *, "a text in quotes") \
	TYPE(TIME, int64_t, "a time such as \"25s\"") \
	TYPE(URL, struct url, "a URL such as \"https://api.example.com\"") \
	TYPE(USER, uint32_t, "a user such as \"build\"") \
	TYPE(USERS, struct conf_ids, "a list such as [ \"build\" ]") \
	TYPE(WORD, unsigned, "a word in quotes")

enum option_type {
#define TYPE(name, ctype, expected) OPTION_TYPE_##name,
	OPTION_TYPES(TYPE)
#undef TYPE
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
	const char *preset;	/* the default, as in a file; or NULL */
	const char *absent;	/* else: what it means if not there */
	const char *help;
};

struct group_info {
	const char *title;
	size_t size;		/* of its object */
};

extern const struct option_info options[N_OPTIONS];
extern const struct group_info option_groups[N_GROUPS];

/* What is expected of a value of this type. */
const char	*option_type_text(enum option_type);

/* The option of a group with this name, or NULL. */
const struct option_info *option_find(enum group_id, const char *name);

/*
 * Why there is no such option: that of another group, or the nearest one of
 * this group; to be freed.
 */
char		*option_explain_unknown(enum group_id, const char *name);

#endif
