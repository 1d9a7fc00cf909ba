/*
 * The process that listens at an address of this machine, as far as the kernel
 * lets us see it.  Only for messages, for it may have ended meanwhile.  Makes
 * no connection.
 */
#ifndef NET_HOLDER_H
#define NET_HOLDER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/addr.h"

#define HOLDER_NAME	32

struct holder {
	pid_t pid;		/* 0: we may not see which process it is */
	uint32_t uid;		/* owner of the socket; UINT32_MAX: unknown */
	char name[HOLDER_NAME];	/* the program's, printable */
	bool managed;		/* only a service manager has it, which passes
				   it to the service that it starts */
};

/*
 * Finds the socket that listens at the address or, for TCP, at all addresses of
 * the machine; of several processes that have it, the oldest, but one that
 * got it from the service manager rather than that.  False: none is seen.  The
 * struct is set in either case.
 */
bool	holder_find(const struct addr *, struct holder *);

/*
 * Of two TCP addresses, of which no port is 0: of one family, and nobody can
 * listen at both.
 */
bool	holder_overlaps(const struct addr *, const struct addr *);

/* The text to append to "address already in use": " by process 12 (nginx)". */
#define HOLDER_TEXT	(HOLDER_NAME + 64)
void	holder_format(const struct holder *, char *);

#endif
