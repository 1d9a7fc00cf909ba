#include "secret_patterns_of.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct secret_patterns
secret_patterns_of(const char *value)
{
	size_t n = strlen(value);
	struct conf_key key = { .value = secret_copy(value, n) };
	struct secret_patterns ns;

	secret_patterns_init(&ns, &key, xcalloc(1, secret_patterns_room(n)));
	secret_free(key.value);
	return ns;
}

void
secret_patterns_drop(struct secret_patterns *ns)
{
	void *room = ns->room;

	secret_patterns_release(ns);
	free(room);
}
