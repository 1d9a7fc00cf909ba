#include "needles_of.h"

#include <string.h>

struct needles
needles_of(const char *value)
{
	struct conf_key key = { .value = secret_new(strlen(value)) };
	struct needles ns;

	memcpy(secret_bytes(key.value), value, strlen(value));
	needles_init(&ns, &key);
	secret_free(key.value);
	return ns;
}
