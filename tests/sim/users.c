/*
 * client/users.h in the simulated world: one user has a name, whoever has one
 * on this machine, so that a world is the same on each; and no file is read.
 */
#include "client/users.h"

#include <stdlib.h>

#include "base/alloc.h"

#define ANNA	1001

struct users *
users_load(void)
{
	return xmalloc(1);
}

void
users_free(struct users *u)
{
	free(u);
}

const char *
users_name(const struct users *u, uint32_t uid)
{
	(void)u;
	return uid == ANNA ? "anna" : NULL;
}

char *
users_text(uint32_t uid, const char *name)
{
	return name != NULL ? xasprintf("user %s (%u)", name, uid) :
	    xasprintf("user %u", uid);
}

char *
users_describe(uint32_t uid)
{
	return users_text(uid, users_name(NULL, uid));
}
