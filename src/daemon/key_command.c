/*
 * Following commands about keys; see key_command.h.
 */
#include "daemon/key_command.h"

enum admin_outcome
key_command_follow(struct key_keeper *k, const struct admin_command *c,
    uid_t who, char text[KEY_ORDER_TEXT])
{
	if (!key_keeper_order(k, c->order, c->key, who, text))
		return key_keeper_has(k, c->key) ? ADMIN_REFUSED :
		    ADMIN_UNKNOWN;
	return key_keeper_is_unkept(k) ? ADMIN_NOT_KEPT : ADMIN_DONE;
}
