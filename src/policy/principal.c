/*
 * Principals; see principal.h.
 */
#include "policy/principal.h"

#include <stdlib.h>

#include "base/clock.h"

const char *
principal_name(const struct principal *p)
{
	const struct cert_names *c = p->certificate;

	if (c == NULL)
		return p->user_name;
	if (c->uri != NULL)
		return c->uri;
	if (c->n_dns != 0)
		return c->dns[0];
	return c->subject != NULL && c->subject[0] != '\0' ? c->subject : NULL;
}

int64_t
principal_ms_left(const struct principal *p, int64_t now)
{
	int64_t left;

	if (p->certificate == NULL)
		return INT64_MAX;
	left = p->certificate->until * (NS_PER_S / NS_PER_MS) -
	    now / NS_PER_MS;
	return left > 0 ? left : 0;
}

void
principal_release(struct principal *p)
{
	if (p->certificate != NULL)
		cert_names_release(p->certificate);
	free(p->certificate);
	free(p->groups);
	*p = (struct principal){ .n_groups = 0 };
}
