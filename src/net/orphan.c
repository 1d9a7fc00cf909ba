/*
 * Whether the other end of a connection is closed; see orphan.h.
 */
#include "net/orphan.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/addr.h"

struct question {
	struct nlmsghdr header;
	struct inet_diag_req_v2 request;
};

static bool
name_of(int (*get)(int, struct sockaddr *, socklen_t *), int fd,
    struct addr *a)
{
	memset(a, 0, sizeof(*a));
	a->len = sizeof(a->ss);
	a->kind = ADDR_INET;
	return get(fd, &a->sa, &a->len) == 0 &&
	    (a->sa.sa_family == AF_INET || a->sa.sa_family == AF_INET6);
}

static void
put_address(const struct addr *a, __be32 *to, __be16 *port)
{
	if (a->sa.sa_family == AF_INET) {
		const struct sockaddr_in *in =
		    (const struct sockaddr_in *)&a->ss;

		memcpy(to, &in->sin_addr, sizeof(in->sin_addr));
		*port = in->sin_port;
	} else {
		const struct sockaddr_in6 *in6 =
		    (const struct sockaddr_in6 *)&a->ss;

		memcpy(to, &in6->sin6_addr, sizeof(in6->sin6_addr));
		*port = in6->sin6_port;
	}
}

/* About the socket whose own name is theirs and that is connected to ours. */
static void
make_question(const struct addr *ours, const struct addr *theirs,
    struct question *q)
{
	memset(q, 0, sizeof(*q));
	q->header.nlmsg_len = sizeof(*q);
	q->header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
	q->header.nlmsg_flags = NLM_F_REQUEST;
	q->request.sdiag_family = (uint8_t)ours->sa.sa_family;
	q->request.sdiag_protocol = IPPROTO_TCP;
	q->request.idiag_states = UINT32_MAX;
	put_address(theirs, q->request.id.idiag_src,
	    &q->request.id.idiag_sport);
	put_address(ours, q->request.id.idiag_dst,
	    &q->request.id.idiag_dport);
	q->request.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
	q->request.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
}

/* What is known of a socket. */
enum knowledge { SOCKET_UNKNOWN, SOCKET_HELD, SOCKET_ORPHAN, SOCKET_NONE };

/* Two of the forms that the kernel answers in. */
union answer {
	struct nlmsghdr header;
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
	} refused;
	struct {
		struct nlmsghdr header;
		struct inet_diag_msg socket;
	} found;
	char room[1024];
};

static enum knowledge
read_answer(const union answer *a, size_t n)
{
	if (n >= sizeof(a->refused) && a->header.nlmsg_type == NLMSG_ERROR)
		return a->refused.error.error == -ENOENT ? SOCKET_NONE :
		    SOCKET_UNKNOWN;
	if (n < sizeof(a->found) ||
	    a->header.nlmsg_type != SOCK_DIAG_BY_FAMILY)
		return SOCKET_UNKNOWN;
	return a->found.socket.idiag_inode == 0 ? SOCKET_ORPHAN : SOCKET_HELD;
}

static enum knowledge
ask(const struct question *q)
{
	union answer answer;
	ssize_t n = -1;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
	    NETLINK_SOCK_DIAG);

	if (fd == -1)
		return SOCKET_UNKNOWN;
	/* The kernel answers before send() returns. */
	if (send(fd, q, sizeof(*q), 0) == (ssize_t)sizeof(*q))
		n = recv(fd, &answer, sizeof(answer), MSG_DONTWAIT);
	close(fd);
	return n > 0 ? read_answer(&answer, (size_t)n) : SOCKET_UNKNOWN;
}

bool
orphan_check(int fd)
{
	struct addr ours, theirs;
	struct question q;
	enum knowledge k;

	if (!name_of(getsockname, fd, &ours) ||
	    !name_of(getpeername, fd, &theirs) ||
	    !addr_is_loopback(&ours) || !addr_is_loopback(&theirs))
		return false;
	/* A kernel that does not even know our socket cannot tell. */
	make_question(&theirs, &ours, &q);
	if (ask(&q) != SOCKET_HELD)
		return false;
	make_question(&ours, &theirs, &q);
	k = ask(&q);
	return k == SOCKET_ORPHAN || k == SOCKET_NONE;
}
