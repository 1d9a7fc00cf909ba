/*
 * Secret bytes of any length on their way to another process: in memory of the
 * kernel that a descriptor stands for and that nobody can change (sealed, see
 * memfd_create(2)).  That memory may be swapped to a disk and is not wiped when
 * it ends, so the bytes in it are encrypted, with a key that is made for them
 * alone and goes another way: in a message.
 */
#ifndef BASE_SECRET_VEIL_H
#define BASE_SECRET_VEIL_H

#include <stddef.h>
#include <stdint.h>

#include "base/secret.h"

#define SECRET_VEIL_KEY	32		/* bytes; to be wiped by the caller */

/*
 * A descriptor at its beginning, close-on-exec, and the key.  -1 with errno: no
 * descriptor, memory or randomness is left.
 */
int		 secret_veil(const struct secret *,
		    uint8_t key[SECRET_VEIL_KEY]);

/*
 * The bytes again.  NULL with errno: EFBIG where there are more than max,
 * EINVAL where the descriptor is nothing of the kind.  Another key gives other
 * bytes.
 */
struct secret	*secret_unveil(int fd, size_t max,
		    const uint8_t key[SECRET_VEIL_KEY]);

#endif
