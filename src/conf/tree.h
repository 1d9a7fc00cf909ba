/*
 * A text as a tree of settings.  Only tree.c knows libconfig, which makes it.
 */
#ifndef CONF_TREE_H
#define CONF_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "conf/scan.h"

/* The version of libconfig, as of the time of building. */
const char	*tree_library(void);

/* The source of a text and how to treat it. */
struct tree_source {
	const char *file;	/* its name in messages */
	const char *directory;	/* @include is relative to it */
	bool sealed;		/* its content must not stay in memory */
	bool one_of_many;	/* secret_scrub_heap(), which takes longer the
				   more there was, is left to the caller */
	struct scan_includes *includes;	/* gets the includes outside of all
					   brackets, which are then not in the
					   tree; NULL: libconfig includes them,
					   or refuses them where it is sealed */
};

struct tree;

/*
 * Reads n bytes and the NUL behind them, which it may change.  NULL when they
 * could not be read; the diagnostics say why.
 */
struct tree	*tree_read(char *, size_t n, const struct tree_source *,
		    struct conf_diagnostics *);

/* The tree of a text of our own, which has no errors. */
struct tree	*tree_of(const char *);

/*
 * Overwrites every value before it frees it; where the source was sealed, also
 * memory that its parser freed.  NULL is fine.
 */
void		 tree_free(struct tree *);

/* A setting in it; the root is the group of all others. */
struct setting;
enum setting_kind {
	SETTING_TEXT,
	SETTING_INT,		/* of 32 bits */
	SETTING_INT64,
	SETTING_BOOL,
	SETTING_GROUP,		/* { } */
	SETTING_LIST,		/* ( ) */
	SETTING_ARRAY,		/* [ ] */
	SETTING_OTHER,
};
const struct setting	*tree_root(const struct tree *);

enum setting_kind	 setting_kind(const struct setting *);

/* NULL: an element of a list or array, or the root. */
const char		*setting_name(const struct setting *);

/* The line on which it was written. */
unsigned		 setting_line(const struct setting *);

/*
 * The path of the file with the setting, if libconfig itself included that from
 * the directory, to be freed; NULL: the setting is in the text.
 */
char			*setting_included(const struct setting *,
			    const char *directory);

/* The members of a group, list or array; other settings have none. */
size_t			 setting_count(const struct setting *);
const struct setting	*setting_at(const struct setting *, size_t);

/* By name, in a group or beside a setting; NULL: there is none. */
const struct setting	*setting_find(const struct setting *, const char *);
const struct setting	*setting_beside(const struct setting *, const char *);

/*
 * The values of settings; NULL where it is no text.  NULL for a setting is
 * fine.
 */
const char		*setting_text(const struct setting *);
bool			 setting_bool(const struct setting *);
int64_t			 setting_number(const struct setting *);

#endif
