/*
 * What the files of status_html share: status_html.c has the page,
 * status_html_needs.c what a person should do, status_html_keys.c the keys, and
 * status_html_pieces.c how a value is told.
 */
#ifndef DAEMON_STATUS_HTML_PARTS_H
#define DAEMON_STATUS_HTML_PARTS_H

#include "daemon/status_html.h"

/* -- pieces -- */

#define HTML_TIME_NONE	INT64_MIN

/* Appends markup as it is, then a text that is none. */
void	html_put(struct buf *, const char *markup, struct text);

/* The texts of a list, one after the other: "a, b"; or what is said of none. */
void	html_list(struct buf *, const struct json_value *list,
	    const char *none);

/* One term with what is said of it; between the two calls comes its text. */
void	html_term(struct buf *, const char *term);
void	html_term_end(struct buf *);

/* A term with a text, a number or a list, and what is said where it is none. */
void	html_fact(struct buf *, const char *term, const struct json_value *,
	    const char *none);

/* A term with a time and how long it is over. */
void	html_moment(struct buf *, const char *term, const struct json_value *,
	    int64_t now, const char *none);

/* Seconds since 1970, or HTML_TIME_NONE. */
int64_t	html_seconds(const struct json_value *);

bool	html_true(const struct json_value *object, const char *name);

/* -- keys -- */

/* A key as it stands among others. */
struct html_key {
	const struct json_value *key;
	struct text name, state;
	int64_t expires;		/* or HTML_TIME_NONE */
	bool needs;			/* something is to be done about it */
	bool bad;			/* as said of `?only=bad` */
	unsigned rank;			/* the lower, the more urgent */
};

struct html_keys {
	struct html_key *v;		/* the most urgent first */
	size_t n, n_needs;
};

/* To be freed by html_keys_free(). */
void	html_keys_sort(struct html_keys *, const struct json_value *doc);
void	html_keys_free(struct html_keys *);

/* The next one to end, or NULL. */
const struct html_key *html_keys_next(const struct html_keys *);

void	html_keys_put(const struct status_html *, const struct html_keys *,
	    struct buf *);

/* -- what is to be done -- */

/* "2 keys need you"; of the heading and the title. */
void	html_summary(const struct status_html *, const struct html_keys *,
	    struct buf *);

void	html_needs_put(const struct status_html *, const struct html_keys *,
	    struct buf *);

#endif
