/*
 * What others may know of a session; see session.h.
 */
#include "client/session_parts.h"

struct session_place *
session_place(struct session *s)
{
	return &s->place;
}

struct session *
session_of(struct session_place *place)
{
	return (struct session *)place;
}

const struct session_owner *
session_owner_of(const struct session *s)
{
	return s->owner;
}

const struct principal *
session_principal(const struct session *s)
{
	return &s->principal;
}

bool
session_awaits_us(const struct session *s)
{
	for (const struct exchange *x = s->exchanges; x != NULL; x = x->next) {
		if (x->request_ended && x->state == EXCHANGE_OPEN)
			return true;
	}
	return false;
}
