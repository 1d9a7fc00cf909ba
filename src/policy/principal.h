/* The proven identity of a client, as plain data. */
#ifndef POLICY_PRINCIPAL_H
#define POLICY_PRINCIPAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

struct principal {
	struct addr_ip ip;		/* of TCP clients */
	bool has_user;			/* known by SO_PEERCRED, so it came
					   through a Unix socket */
	uint32_t uid;
	uint32_t *groups;		/* the client's, primary one first */
	size_t n_groups;
	const char *user_name;		/* of uid, or NULL; for the log */
};

#endif
