/*
 * The descriptors that a service manager passed to this program, by
 * sd_listen_fds(3): what they are, and which of them a listener takes.
 */
#ifndef BASE_INHERITED_H
#define BASE_INHERITED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "base/text.h"

/* The first of them; they are consecutive. */
#define INHERITED_FIRST	3

/*
 * To be called once, as the program starts: finds out from the environment
 * whether any were passed to this process.  Forked children have them, too;
 * programs that are executed do not get them.
 */
void	inherited_claim(void);

size_t	inherited_count(void);

/* The name of the i-th, from LISTEN_FDNAMES; false: there are not so many. */
bool	inherited_name(size_t i, struct text *name);

/* Where it is bound; false: it is no socket of TCP, and no Unix socket. */
bool	inherited_bound(size_t i, struct addr *);

/* Why no clients come through it, or NULL: "does not listen". */
const char *inherited_fault(size_t i);

/*
 * The first of them that a listener of this address takes, as its number; -1:
 * none.  That of "fd:NAME" is the one of that name; that of any other address
 * is bound to it, whatever its name is.  A path is the same however its folder
 * is spelled; an address that names one interface is none that a listener can
 * have, and neither are one in the abstract name space and a path that depends
 * on a folder in which the service manager was.
 */
int	inherited_find(const struct addr *);

/* The i-th suits that listener, though it may not be the first that does. */
bool	inherited_suits(size_t i, const struct addr *);

#endif
