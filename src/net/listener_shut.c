/*
 * The end of a listening socket, so that nobody who could connect is refused;
 * see listener.h.
 */
#include "net/listener.h"

#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/socket.h>

/* Where the kernel lets a filter of a TCP socket begin to read. */
#define FLAGS	offsetof(struct tcphdr, th_flags)

/* Connections whose handshake is under way inherit it, to no effect. */
static void
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

	(void)setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter,
	    sizeof(filter));
}

void
listener_shut(int fd, const struct addr *bound)
{
	if (bound->kind == ADDR_UNIX)
		listener_unlink(fd, bound);
	else
		drop_first_segments(fd);
}
