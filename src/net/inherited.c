/*
 * Descriptors of systemd; see inherited.h.  Opens and closes none.
 */
#include "net/inherited.h"

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

size_t
inherited_count(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	uint64_t value, n;

	if (pid == NULL || fds == NULL ||
	    !text_parse_u64(text_of(pid), INT32_MAX, &value) ||
	    value != (uint64_t)getpid() ||
	    !text_parse_u64(text_of(fds), INT16_MAX, &n))
		return 0;
	return (size_t)n;
}

/* A descriptor without a name gets that of sd_listen_fds_with_names(3). */
bool
inherited_name(size_t i, struct text *name)
{
	const char *names = getenv("LISTEN_FDNAMES");
	struct text rest = text_of(names != NULL ? names : "");

	if (i >= inherited_count())
		return false;
	for (size_t j = 0; j <= i; j++) {
		if (names == NULL || !text_split(&rest, ':', name))
			*name = TEXT("unknown");
	}
	return true;
}

int
inherited_find(const char *name)
{
	struct text one;

	for (size_t i = 0; inherited_name(i, &one); i++) {
		if (text_eq(one, text_of(name)))
			return INHERITED_FIRST + (int)i;
	}
	return -1;
}
