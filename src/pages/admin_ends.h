/*
 * What ends besides keys: certificates of ours, authorities, and lists of
 * revoked certificates, as the admin process tells of them.  When an end is
 * worth a warning is decided by policy/due_warning.h.
 */
#ifndef PAGES_ADMIN_ENDS_H
#define PAGES_ADMIN_ENDS_H

#include "base/json.h"
#include "pages/admin_page.h"

/* In the parent: adds those of a configuration, borrowed but for the list. */
void	 admin_ends_add(struct admin_news *, const struct conf *);

/*
 * What is to be done about an end of the news, and the command for it or NULL;
 * both to be freed.  NULL: nothing yet.
 */
char	*admin_end_attention(const struct admin_facts *, size_t end,
	    int64_t now, char **command);

/* Member "ends" of /status. */
void	 admin_ends_put(struct json *, const struct admin_facts *,
	    int64_t now);

/* For metrics: the certificates of the news; arrays are in the arena. */
void	 admin_ends_name(struct metrics_names *, const struct admin_news *,
	    struct arena *);

#endif
