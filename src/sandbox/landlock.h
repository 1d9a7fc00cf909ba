/*
 * What a process may reach, by Landlock: no file by its name, and what else the
 * kernel can keep from it.  sandbox.c calls it.
 */
#ifndef SANDBOX_LANDLOCK_H
#define SANDBOX_LANDLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The version of its interface that the kernel has; 0 with the reason in errno:
 * none.  From 4 on it knows TCP ports, from 6 on signals and abstract sockets.
 */
int	landlock_version(void);
#define LANDLOCK_KNOWS_TCP	4
#define LANDLOCK_KNOWS_SCOPES	6

/*
 * From now on no file can be opened, changed or run by its name, TCP ports
 * cannot be bound, only these n be connected to, and neither signals nor
 * connections go to abstract sockets and processes other than our own: as much
 * of that as this version can.  False with errno.
 */
bool	landlock_enter(int version, const uint16_t *ports, size_t n);

#endif
