/*
 * One entry of what needs attention; see admin_attention_parts.h.
 */
#include "pages/admin_attention_parts.h"

#include <stdlib.h>

#include "pages/admin_remedy.h"

void
admin_attention_add(struct json *j, char *what, char *command)
{
	admin_attention_add_key(j, NULL, what, command);
}

void
admin_attention_add_key(struct json *j, const char *key, char *what,
    char *command)
{
	admin_attention_add_matter(j, &(struct admin_matter){
		.key = key, .what = what, .command = command,
	});
}

void
admin_attention_add_matter(struct json *j, const struct admin_matter *m)
{
	json_object(j, NULL);
	json_str_or_null(j, "key", m->key);
	json_str(j, "what", m->what);
	json_str_or_null(j, "command", m->command);
	json_array(j, "then");
	for (size_t i = 0; i < ADMIN_MATTER_THEN && m->then[i] != NULL; i++) {
		json_str(j, NULL, m->then[i]);
		free(m->then[i]);
	}
	json_array_end(j);
	json_str_or_null(j, "next", m->next);
	json_object_end(j);
	free(m->next);
	free(m->command);
	free(m->what);
}

void
admin_attention_add_next(struct json *j, const struct conf *c, size_t key,
    bool serves, char *what)
{
	struct admin_matter m = {
		.key = c->keys[key].name,
		.what = what,
		.command = admin_remedy_add(c, key),
		.then = { admin_remedy_reload(c) },
		.next = admin_remedy_next_name(c, key),
	};

	if (serves) {
		m.then[1] = admin_remedy_promote(c, m.next);
		m.then[2] = admin_remedy_disable(c, key);
	}
	admin_attention_add_matter(j, &m);
}
