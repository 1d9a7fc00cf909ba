/*
 * Files of listeners that are watched, as the admin process tells of them: that
 * what changed on disk is refused.
 */
#ifndef PAGES_ADMIN_WATCHED_H
#define PAGES_ADMIN_WATCHED_H

#include "base/json.h"
#include "pages/admin_page.h"

/* What is to be done about them. */
void	admin_watched_attention(struct json *, const struct admin_facts *);

/* Member "files_refused" of a listener in /status. */
void	admin_watched_put(struct json *, const struct admin_facts *,
	    const char *listener);

/* For metrics; the array is in the arena. */
void	admin_watched_name(struct metrics_names *, const struct admin_news *,
	    struct arena *);

#endif
