/*
 * What the files of status_page share: status_page.c has the sections,
 * status_page_needs.c what a person should do, and status_page_pieces.c how a
 * value is told.
 */
#ifndef CLI_STATUS_PAGE_PARTS_H
#define CLI_STATUS_PAGE_PARTS_H

#include "cli/status_page.h"

struct status_page {
	const struct json_value *doc;
	size_t width;
	int64_t now;
	struct buf *out;
};

/* Each element of a list of an object. */
#define EACH_OF(v, object, name)					\
	(const struct json_value *list_ = json_member(object, name),	\
	    *v = list_ != NULL ? list_->first : NULL; v != NULL;	\
	    v = v->next)

/* Each element of a list of the document. */
#define EACH(v, p, name)	EACH_OF(v, (p)->doc, name)

/* -- pieces, each to be freed -- */

char	*page_copy(struct text);

/* What takes over a text, or says that there is none. */
char	*page_or_nothing(char *);

/* The value of a member, "a, b" of a list. */
char	*page_member(const struct json_value *object, const char *name);

/* How long a time is over; NULL where it is none. */
char	*page_age(const struct status_page *, const struct json_value *time);

/* "12 s ago", or NULL. */
char	*page_ago(const struct status_page *, const struct json_value *time);

/* -- lines -- */

/*
 * Appends a text of one or more lines, which is freed, each in as many as it
 * needs; the further ones are indented.
 */
void	page_lines(const struct status_page *, size_t indent, char *text);

/* -- sections -- */

/* What needs attention, with the commands. */
void	page_needs(const struct status_page *);

#endif
