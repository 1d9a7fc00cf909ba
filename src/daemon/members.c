/*
 * The list of generations; see members.h.
 */
#include "daemon/members.h"

#include <signal.h>
#include <stdlib.h>

#include "base/clock.h"

void
member_free(struct member *m)
{
	generation_free(m->g);
	holdings_free(m->holdings);
	free(m);
}

int64_t
member_end_late(const struct member *m, int64_t now)
{
	if (now < m->deadline_ns)
		return m->deadline_ns;
	generation_stop(m->g, SIGKILL);
	return now + NS_PER_S;
}

struct member *
members_find(struct member *m, enum member_state state)
{
	while (m != NULL && m->state != state)
		m = m->next;
	return m;
}

size_t
members_count(const struct member *list, enum member_state state)
{
	size_t n = 0;

	for (const struct member *m = list; m != NULL; m = m->next)
		n += m->state == state;
	return n;
}

size_t
members_survive(const struct member *list, enum member_state state,
    int64_t now)
{
	size_t n = 0;

	for (const struct member *m = list; m != NULL; m = m->next)
		n += m->state == state && generation_survives(m->g, now);
	return n;
}

size_t
members_workers(const struct member *m)
{
	size_t n = 0;

	for (; m != NULL; m = m->next)
		n += generation_size(m->g);
	return n;
}

size_t
members_alive(const struct member *m)
{
	size_t n = 0;

	for (; m != NULL; m = m->next)
		n += generation_alive(m->g);
	return n;
}

bool
members_obey(const struct member *m, uint64_t decisions)
{
	while (m != NULL && generation_obeys(m->g, decisions))
		m = m->next;
	return m == NULL;
}

void
members_free_ended(struct member **at)
{
	struct member *m;

	while ((m = *at) != NULL) {
		if (m->state < MEMBER_DRAINING ||
		    generation_alive(m->g) != 0) {
			at = &m->next;
			continue;
		}
		*at = m->next;
		member_free(m);
	}
}
