/*
 * A command about a key, as the parent follows it and says what became of it.
 */
#ifndef DAEMON_KEY_COMMAND_H
#define DAEMON_KEY_COMMAND_H

#include <sys/types.h>

#include "daemon/admin_command.h"
#include "daemon/key_keeper.h"

/* By that user; the text is one line for people, in each case. */
enum admin_outcome	key_command_follow(struct key_keeper *,
			    const struct admin_command *, uid_t who,
			    char text[KEY_ORDER_TEXT]);

#endif
