/*
 * Admin listeners as they are written; see check.h.  They are listeners with
 * fewer options.
 */
#include "conf/check.h"

static void
take_as_listener(struct draft_listener *l)
{
	struct given *g = &l->given;

	for (size_t i = 0; i < N_OPTIONS; i++) {
		const struct option_info *same;

		if (options[i].group != GROUP_ADMIN)
			continue;
		same = option_find(GROUP_LISTENER, options[i].name);
		g->option[same->id] = g->option[i];
		g->valid[same->id] = g->valid[i];
	}
}

/* They are addresses of one group, which was copied with its place. */
static bool
same_group(const struct draft_listener *a, const struct draft_listener *b)
{
	const struct conf_where *x = &a->given.at, *y = &b->given.at;

	return x->line == y->line && x->file == y->file;
}

/*
 * Options of files are for the Unix sockets among the addresses of a group; on
 * TCP they are no fault then.
 */
static void
spare_inet(const struct draft *d, struct draft_listener *l)
{
	static const enum option_id of_files[] = { OPTION_ADMIN_mode,
		OPTION_ADMIN_owner, OPTION_ADMIN_group };

	for (size_t i = 0; i < d->admin.n; i++) {
		const struct draft_listener *other = draft_admin(d, i);

		if (l->out.address.kind != ADDR_INET ||
		    other->out.address.kind == ADDR_INET ||
		    !same_group(l, other))
			continue;
		for (size_t j = 0; j < sizeof(of_files) / sizeof(*of_files);
		    j++)
			l->given.option[of_files[j]] =
			    (struct conf_where){ .line = 0 };
	}
}

/* No route leads there, so no upstream's host does. */
static void
default_hosts(struct reader *r, struct draft_listener *l)
{
	static const char *const names[] = { "localhost", "127.0.0.1",
		"[::1]" };
	const size_t n = sizeof(names) / sizeof(*names);

	l->out.hosts.n = n;
	l->out.hosts.v = arena_alloc(r->memory, n * sizeof(char *));
	for (size_t i = 0; i < n; i++)
		l->out.hosts.v[i] = arena_cstr(r->memory, text_of(names[i]));
	l->out.any_host = l->out.address.kind != ADDR_INET;
}

void
check_admin(struct reader *r, const struct draft *d)
{
	for (size_t i = 0; i < d->admin.n; i++) {
		struct draft_listener *l = draft_admin(d, i);

		spare_inet(d, l);
		take_as_listener(l);
		if (!was_given(&l->given, OPTION_ADMIN_hosts))
			default_hosts(r, l);
	}
}
