#include "needles_of.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct needles
needles_of(const char *value)
{
	size_t n = strlen(value);
	struct conf_key key = { .value = secret_copy(value, n) };
	struct needles ns;

	needles_init(&ns, &key, xcalloc(1, needles_room(n)));
	secret_free(key.value);
	return ns;
}

void
needles_drop(struct needles *ns)
{
	void *room = ns->room;

	needles_release(ns);
	free(room);
}
