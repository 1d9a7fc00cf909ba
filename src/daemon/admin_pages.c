/*
 * Pages and their paths; see admin_pages.h.
 */
#include "daemon/admin_pages.h"

#include <stddef.h>

struct admin_path {
	const char *path;
	void (*page)(const struct admin_facts *, struct admin_page *);
	bool reads_query;		/* else all queries get the same */
};

static const struct admin_path paths[ADMIN_PATHS] = {
	{ .path = "/", .page = admin_page_people, .reads_query = true },
	{ .path = "/healthz", .page = admin_page_healthz },
	{ .path = "/readyz", .page = admin_page_readyz },
	{ .path = "/metrics", .page = admin_page_metrics },
	{ .path = "/status", .page = admin_page_status },
};

const struct admin_path *
admin_path_find(struct text path)
{
	for (size_t i = 0; i < ADMIN_PATHS; i++) {
		if (text_eq(path, text_of(paths[i].path)))
			return &paths[i];
	}
	return NULL;
}

void
admin_pages_init(struct admin_pages *all, const struct admin_facts *facts)
{
	*all = (struct admin_pages){ .facts = facts };
	for (size_t i = 0; i < ADMIN_PATHS; i++) {
		buf_init(&all->made[i].query, NULL);
		buf_init(&all->made[i].page.policy, NULL);
		buf_init(&all->made[i].page.body, NULL);
	}
}

uint64_t
admin_pages_ticket(struct admin_pages *all)
{
	return ++all->tickets;
}

static void
forget(struct admin_made *made)
{
	buf_release(&made->query);
	buf_release(&made->page.policy);
	buf_release(&made->page.body);
	made->until = 0;
}

static bool
is_for(const struct admin_made *made, const struct admin_path *path,
    struct text query, uint64_t ticket)
{
	return ticket <= made->until && (!path->reads_query ||
	    text_eq(query, buf_text(&made->query)));
}

const struct admin_page *
admin_pages_page(struct admin_pages *all, const struct admin_path *path,
    struct text query, uint64_t ticket, bool *may_make)
{
	struct admin_made *made = &all->made[path - paths];

	if (is_for(made, path, query, ticket))
		return &made->page;
	if (!*may_make)
		return NULL;
	*may_make = false;
	forget(made);
	buf_append_text(&made->query, query);
	made->page.status = 200;
	made->page.query = query;
	path->page(all->facts, &made->page);
	made->until = all->tickets;
	return &made->page;
}

void
admin_pages_forget(struct admin_pages *all)
{
	for (size_t i = 0; i < ADMIN_PATHS; i++)
		forget(&all->made[i]);
}
