/*
 * Names of local users, for the log.  Read once from /etc/passwd, so that a
 * worker asks no directory service while it serves clients; a user that is not
 * in it is known by number only.
 */
#ifndef CLIENT_USERS_H
#define CLIENT_USERS_H

#include <stdint.h>

struct users;

struct users	*users_load(void);
void		 users_free(struct users *);

/* The name, or NULL; valid as long as the table. */
const char	*users_name(const struct users *, uint32_t uid);

/*
 * A user as messages say it, "user anna (1000)", or "user 1000" where the name
 * is NULL; to be freed.  The second looks the name up.
 */
char		*users_text(uint32_t uid, const char *name)
		    __attribute__((warn_unused_result));
char		*users_describe(uint32_t uid)
		    __attribute__((warn_unused_result));

#endif
