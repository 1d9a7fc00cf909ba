/*
 * A listener as a configuration gives it, for tests of sockets.
 */
#ifndef TESTS_UNIT_DAEMON_LISTENER_GIVEN_H
#define TESTS_UNIT_DAEMON_LISTENER_GIVEN_H

#include "base/alloc.h"
#include "conf/conf.h"

/* On that line of "main", open to its owner.  Its name is to be freed. */
static inline struct conf_listener *
listener_given(struct conf_listener *l, size_t line, const char *name,
    const char *address)
{
	const char *why;

	*l = (struct conf_listener){
		.where = { "main", (unsigned)line },
		.name = xstrdup(name),
		.mode = 0600,
		.owner = CONF_NO_ID,
		.group = CONF_NO_ID,
	};
	if (!addr_parse(address, &l->address, &why))
		fail_msg("%s: %s", address, why);
	return l;
}

#endif
