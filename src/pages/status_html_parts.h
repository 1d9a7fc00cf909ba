/*
 * What the files of status_html share: status_html.c has the page,
 * status_html_needs.c what a person should do, status_html_keys.c the keys,
 * status_html_lately.c what happened, status_html_sort.c the order of all, and
 * status_html_pieces.c how a value is told.
 */
#ifndef PAGES_STATUS_HTML_PARTS_H
#define PAGES_STATUS_HTML_PARTS_H

#include "pages/status_html.h"

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

/* A time, "2027-02-23 00:00 UTC"; nothing where it is none. */
void	html_time(struct buf *, const struct json_value *);

/* Seconds since 1970, or HTML_TIME_NONE. */
int64_t	html_seconds(const struct json_value *);

/* Of a number that is none, or no whole one from 0 on: 0. */
uint64_t html_number(const struct json_value *);

bool	html_true(const struct json_value *object, const char *name);

/* -- the document, sorted -- */

/* A member of a list by its name. */
struct html_named {
	struct text name;
	size_t place;			/* in the list */
	const struct json_value *value;
};

struct html_names {
	struct html_named *v;		/* by name, then by place */
	size_t n;
};

/* Where those of that name begin, and how many there are. */
size_t	html_names_find(const struct html_names *, struct text name,
	    size_t *n);

enum html_rank {
	HTML_RANK_OVER,		/* it serves nobody, and somebody misses it */
	HTML_RANK_ENDS,		/* it will end, and when is known */
	HTML_RANK_LASTS,
	HTML_RANK_DONE,		/* it is over, and nobody misses it */
};

/* A key as it stands among others. */
struct html_key {
	const struct json_value *key;
	struct text name, state;
	const char *colour;		/* a class of page.css */
	int64_t expires;		/* or HTML_TIME_NONE */
	size_t matter, n_matters;	/* about it, that need attention */
	bool bad;			/* as said of `?only=bad` */
	enum html_rank rank;
};

struct html_keys {
	struct html_key *v;		/* the most urgent first */
	size_t n, n_needs;
	struct html_names matters;	/* what needs attention, by keys */
	struct html_names routes;
	struct html_names names;	/* keys, as in the document */
};

/* To be freed by html_keys_free(). */
void	html_keys_sort(struct html_keys *, const struct json_value *doc);
void	html_keys_free(struct html_keys *);

/* What a key of that name is coloured in; one that is unknown is fine. */
const char *html_keys_colour(const struct html_keys *, struct text name);

/* The next one to end, or NULL. */
const struct html_key *html_keys_next(const struct html_keys *);

/* -- keys -- */

/* Its name and its state, for a heading. */
void	html_name_and_state(struct buf *, const struct html_key *);

/* Its routes, the clients of each, and how busy it is. */
void	html_users(const struct html_keys *, const struct html_key *,
	    struct buf *);

void	html_keys_put(const struct status_html *, const struct html_keys *,
	    struct buf *);

/* -- what happened lately -- */

/* Requests, faults and events of keys. */
void	html_lately_put(const struct status_html *, struct buf *);

/* -- what is to be done -- */

/* "2 keys need you"; of the heading and the title. */
void	html_summary(const struct html_keys *, struct buf *);

void	html_needs_put(const struct status_html *, const struct html_keys *,
	    struct buf *);

#endif
