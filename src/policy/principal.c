/*
 * Principals; see principal.h.
 */
#include "policy/principal.h"

#include <stdlib.h>

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

void
principal_release(struct principal *p)
{
	if (p->certificate != NULL)
		cert_names_release(p->certificate);
	free(p->certificate);
	free(p->groups);
	*p = (struct principal){ .n_groups = 0 };
}
