/*
 * One entry of what needs attention; see admin_attention_parts.h.
 */
#include "daemon/admin_attention_parts.h"

#include <stdlib.h>

void
admin_attention_add(struct json *j, char *what, char *command)
{
	admin_attention_add_key(j, NULL, what, command);
}

void
admin_attention_add_key(struct json *j, const char *key, char *what,
    char *command)
{
	json_object(j, NULL);
	json_str_or_null(j, "key", key);
	json_str(j, "what", what);
	json_str_or_null(j, "command", command);
	json_object_end(j);
	free(command);
	free(what);
}
