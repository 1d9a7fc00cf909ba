/*
 * Local users by number; see users.h.
 */
#include "client/users.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"

struct user {
	uint32_t uid;
	char *name;
};

struct users {
	struct user *v;
	size_t n;
};

static int
compare(const void *a, const void *b)
{
	const struct user *ua = a;
	const struct user *ub = b;

	return (ua->uid > ub->uid) - (ua->uid < ub->uid);
}

struct users *
users_load(void)
{
	struct users *u = xcalloc(1, sizeof(*u));
	FILE *f = fopen("/etc/passwd", "re");
	struct passwd *pw;

	if (f == NULL)
		return u;
	while ((pw = fgetpwent(f)) != NULL) {
		u->v = xreallocarray(u->v, u->n + 1, sizeof(*u->v));
		u->v[u->n++] = (struct user){
			.uid = pw->pw_uid,
			.name = xstrdup(pw->pw_name),
		};
	}
	fclose(f);
	if (u->n != 0)
		qsort(u->v, u->n, sizeof(*u->v), compare);
	return u;
}

void
users_free(struct users *u)
{
	if (u == NULL)
		return;
	for (size_t i = 0; i < u->n; i++)
		free(u->v[i].name);
	free(u->v);
	free(u);
}

const char *
users_name(const struct users *u, uint32_t uid)
{
	struct user key = { .uid = uid };
	const struct user *found = NULL;

	if (u->n != 0)
		found = bsearch(&key, u->v, u->n, sizeof(*u->v), compare);
	return found != NULL ? found->name : NULL;
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
	struct users *users = users_load();
	char *text = users_text(uid, users_name(users, uid));

	users_free(users);
	return text;
}
