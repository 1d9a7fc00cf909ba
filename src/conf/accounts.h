/*
 * The users and groups of this system, by name or number.
 */
#ifndef CONF_ACCOUNTS_H
#define CONF_ACCOUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/file_judge.h"

/*
 * False: there is none.  gid, the user's first group, may be NULL; where a
 * number has none it stays.
 */
bool	account_find_user(const char *, uint32_t *uid, uint32_t *gid);
bool	account_find_group(const char *, uint32_t *gid);

/*
 * Whom the options 'user' and 'group', each NULL where it is not given, make
 * of root; nobody, if we are not root or there is no such account.
 */
struct file_us account_become(const char *user, const char *group);

#endif
