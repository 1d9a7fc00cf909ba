/*
 * The user database; see accounts.h.  A number needs no entry in it.
 */
#include "conf/accounts.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "conf/conf.h"

bool
account_find_user(const char *name, uint32_t *uid, uint32_t *gid)
{
	const struct passwd *pw = getpwnam(name);
	uint64_t number;

	if (pw == NULL && text_parse_u64(text_of(name), CONF_NO_ID - 1,
	    &number)) {
		*uid = (uint32_t)number;
		pw = getpwuid(*uid);
		if (pw == NULL)
			return true;
	}
	if (pw == NULL)
		return false;
	*uid = pw->pw_uid;
	if (gid != NULL)
		*gid = pw->pw_gid;
	return true;
}

bool
account_find_group(const char *name, uint32_t *gid)
{
	const struct group *gr = getgrnam(name);
	uint64_t number;

	if (gr == NULL && !text_parse_u64(text_of(name), CONF_NO_ID - 1,
	    &number))
		return false;
	*gid = gr != NULL ? gr->gr_gid : (uint32_t)number;
	return true;
}

char *
account_name_user(uint32_t uid)
{
	const struct passwd *pw = getpwuid(uid);

	return pw != NULL ? xstrdup(pw->pw_name) : xasprintf("%u", uid);
}

char *
account_name_group(uint32_t gid)
{
	const struct group *gr = getgrgid(gid);

	return gr != NULL ? xstrdup(gr->gr_name) : xasprintf("%u", gid);
}

struct file_us
account_become(const char *user, const char *group)
{
	struct file_us us = { .gid = CONF_NO_ID };

	if (geteuid() != 0)
		return us;
	if (user != NULL)
		us.user = account_find_user(user, &us.uid, &us.gid);
	if (group != NULL)
		(void)account_find_group(group, &us.gid);
	us.group = us.gid != CONF_NO_ID;
	return us;
}
