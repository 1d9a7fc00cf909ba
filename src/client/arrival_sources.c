/*
 * Where clients come from; see arrival_sources.h.  There are as many as clients
 * on their way at most, so a list will do: a handshake costs far more.
 */
#include "client/arrival_sources.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/list.h"

static struct arrival_source *
find(const struct arrival_sources *all, struct client_id who)
{
	struct arrival_source *s = all->first;

	while (s != NULL && !client_id_same(s->who, who))
		s = s->next;
	return s;
}

struct arrival_source *
arrival_sources_join(struct arrival_sources *all, const struct addr_ip *ip)
{
	struct client_id who = client_id_of_address(ip);
	struct arrival_source *s = find(all, who);

	if (s == NULL) {
		s = xcalloc(1, sizeof(*s));
		s->who = who;
		LIST_PUSH(all->first, s);
	}
	s->n++;
	return s;
}

void
arrival_source_leave(struct arrival_source *s)
{
	if (--s->n != 0)
		return;
	LIST_REMOVE(s);
	free(s);
}

bool
arrival_source_is_largest(const struct arrival_sources *all,
    const struct arrival_source *s)
{
	for (const struct arrival_source *o = all->first; o != NULL;
	    o = o->next) {
		if (o->n > s->n)
			return false;
	}
	return true;
}
