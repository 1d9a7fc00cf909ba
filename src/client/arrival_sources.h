/*
 * From where clients on their way in come, and how many of each address: so
 * that those of one address cannot take the places of all others.  Who has one
 * address of IPv6 has all with the same first 64 bits.
 */
#ifndef CLIENT_ARRIVAL_SOURCES_H
#define CLIENT_ARRIVAL_SOURCES_H

#include <stddef.h>

#include "policy/client_id.h"

struct arrival_source {
	struct arrival_source *next, **prev;
	struct client_id who;
	size_t n;			/* clients on their way */
};

struct arrival_sources {
	struct arrival_source *first;
};

/* One more of that address; to be given to arrival_source_leave(). */
struct arrival_source *arrival_sources_join(struct arrival_sources *,
		    const struct addr_ip *);
void		 arrival_source_leave(struct arrival_source *);

/* Whether no other one has more. */
bool		 arrival_source_is_largest(const struct arrival_sources *,
		    const struct arrival_source *);

#endif
