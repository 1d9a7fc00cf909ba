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

#endif
