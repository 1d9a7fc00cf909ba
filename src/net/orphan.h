/*
 * Did the program at the other end of a TCP connection close it, or only say
 * that it will send no more?  Both are a FIN.  Where both ends are on this
 * machine its kernel knows: a closed socket belongs to no file any more
 * (sock_diag(7)).
 */
#ifndef NET_ORPHAN_H
#define NET_ORPHAN_H

#include <stdbool.h>

/*
 * True when the other end of this connection over loopback is closed for
 * certain; false also where that cannot be told.
 */
bool	orphan_check(int fd);

#endif
