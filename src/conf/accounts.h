/*
 * The users and groups of this system, by name or number.
 */
#ifndef CONF_ACCOUNTS_H
#define CONF_ACCOUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/file_judge.h"

/*
 * False: there is none.  gid, which gets the user's primary group, may be NULL;
 * it is unchanged for a number without an account.
 */
bool	account_find_user(const char *, uint32_t *uid, uint32_t *gid);
bool	account_find_group(const char *, uint32_t *gid);

/* Its name, or its number where it has none; to be freed. */
char	*account_name_user(uint32_t uid);
char	*account_name_group(uint32_t gid);

/*
 * The user and group that root becomes by the options 'user' and 'group', each
 * NULL where it is not given; none, if we are not root or there is no such
 * account.
 */
struct file_us account_become(const char *user, const char *group);

#endif
