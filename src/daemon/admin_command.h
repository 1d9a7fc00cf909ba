/*
 * What people can tell the parent through the admin process: the paths of their
 * requests, and the messages by which the admin process passes them on.  Pure.
 */
#ifndef DAEMON_ADMIN_COMMAND_H
#define DAEMON_ADMIN_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/text.h"
#include "keys/key_keeper.h"

/* A reload, or an order about a key. */
struct admin_command {
	const char *key;		/* its name; NULL: a reload */
	enum key_order order;		/* about that key */
};

/*
 * It stops a leak: no other commands, however many wait, may keep it from being
 * followed.
 */
bool	admin_command_is_urgent(const struct admin_command *);

/*
 * The command that a POST to this path is: "/reload" or "/keys/NAME/VERB", in
 * which the name may be percent-encoded (RFC 3986 section 2.1); its text is the
 * arena's.  False: there is no such path.
 */
bool	admin_command_of(struct text path, struct arena *,
	    struct admin_command *);

/* The same as a message: its number for the process, and who gave it. */
struct admin_message {
	uint64_t its;
	uid_t who;
	struct admin_command command;
};

/* False: it is too long, so no key has that name. */
bool	admin_message_write(const struct admin_message *, char *text,
	    size_t size);

/* The name of the key stays in the text.  False: it is none. */
bool	admin_message_read(const char *text, struct admin_message *);

/* What became of a command. */
enum admin_outcome {
	ADMIN_REFUSED,			/* nothing was changed */
	ADMIN_DONE,
	ADMIN_UNKNOWN,			/* there is no such key */
	ADMIN_NOT_KEPT,			/* it was done, but a restart will
					   not know it */
	ADMIN_NOT_OBEYED,		/* it was done, but a worker may go on
					   as before until it has ended */
};
#define ADMIN_OUTCOMES	5

#endif
