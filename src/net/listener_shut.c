/*
 * The end of a listening socket, so that nobody who could connect is refused;
 * see listener.h.
 *
 * Connections belong to the network interface that their first segment came
 * in by, whatever their listening socket is bound to later, so handshakes that
 * are under way end well.
 */
#include "net/listener.h"

#include <limits.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/socket.h>

/* The kernel counts interfaces from one. */
#define NO_INTERFACE	INT_MAX

/* Where the kernel lets a filter of a TCP socket begin to read. */
#define FLAGS	offsetof(struct tcphdr, th_flags)

/*
 * From then on it belongs to an interface that nobody comes in by, which needs
 * no capability, where it did not belong to one before.
 */
static bool
leave_interfaces(int fd)
{
	return setsockopt(fd, SOL_SOCKET, SO_BINDTOIFINDEX,
	    &(int){ NO_INTERFACE }, sizeof(int)) == 0;
}

/*
 * For an address that is one of an interface (fe80::/10), whose socket may not
 * leave it.  Some kernels allow the filter to CAP_NET_ADMIN only.  Connections
 * whose handshake is under way inherit it, to no effect.
 */
static bool
drop_first_segments(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, FLAGS),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, TH_SYN, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
	const struct sock_fprog filter = {
		.len = sizeof(code) / sizeof(code[0]),
		.filter = code,
	};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter,
	    sizeof(filter)) == 0;
}

bool
listener_shut(int fd, const struct addr *bound)
{
	if (bound->kind != ADDR_UNIX)
		return leave_interfaces(fd) || drop_first_segments(fd);
	listener_unlink(fd, bound);
	return true;
}
