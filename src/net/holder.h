/*
 * Who listens at an address of this machine, as far as the kernel lets us see
 * it: for messages, as it may be over when it is said.  Connects to nobody.
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
	uint32_t uid;		/* whose socket it is; UINT32_MAX: not known */
	char name[HOLDER_NAME];	/* of that program, printable */
};

/*
 * Finds the socket that listens there or, of TCP, at all addresses of the
 * machine; of several processes that have it, the one that is there longest.
 * False: none is seen.  There is always a struct to look at.
 */
bool	holder_find(const struct addr *, struct holder *);

/* What follows "address already in use": " by process 12 (nginx)". */
#define HOLDER_TEXT	(HOLDER_NAME + 64)
void	holder_format(const struct holder *, char *);

#endif
