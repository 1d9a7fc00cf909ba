/*
 * Messages between parent and worker; see control_channel.h.
 */
#include "daemon/control_channel.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

bool
control_open(int *parent_end, int *worker_end)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0, pair) != 0)
		return false;
	*parent_end = pair[0];
	*worker_end = pair[1];
	return true;
}

union ancillary {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

bool
control_send(int control, enum control_kind kind, int fd, const char *text)
{
	char first = (char)kind;
	struct iovec parts[2] = {
		{ .iov_base = &first, .iov_len = 1 },
	};
	union ancillary ancillary = { .room = { 0 } };
	struct msghdr m = { .msg_iov = parts, .msg_iovlen = 1 };
	struct cmsghdr *c;

	if (text != NULL) {
		parts[1].iov_base = (void *)(uintptr_t)text;
		parts[1].iov_len = strnlen(text, CONTROL_TEXT - 1);
		m.msg_iovlen = 2;
	}
	if (fd != -1) {
		m.msg_control = ancillary.room;
		m.msg_controllen = sizeof(ancillary.room);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	return sendmsg(control, &m, MSG_NOSIGNAL) != -1;
}

enum control_result
control_receive(int control, struct control_message *message)
{
	char first;
	struct iovec parts[2] = {
		{ .iov_base = &first, .iov_len = 1 },
		{ .iov_base = message->text, .iov_len = CONTROL_TEXT - 1 },
	};
	union ancillary ancillary;
	struct msghdr m = {
		.msg_iov = parts,
		.msg_iovlen = 2,
		.msg_control = ancillary.room,
		/*
		 * The exact length: the system would fill padding with a second
		 * descriptor.
		 */
		.msg_controllen = CMSG_LEN(sizeof(int)),
	};
	const struct cmsghdr *c;
	ssize_t n;

	do {
		n = recvmsg(control, &m, MSG_CMSG_CLOEXEC);
		/*
		 * It ended without reading everything; its own messages come
		 * after that.
		 */
	} while (n < 0 && (errno == EINTR || errno == ECONNRESET));
	if (n < 0 && errno == EAGAIN)
		return CONTROL_NOTHING;
	if (n <= 0)
		return CONTROL_GONE;
	message->kind = (enum control_kind)first;
	message->text[n - 1] = '\0';
	message->fd = -1;
	c = CMSG_FIRSTHDR(&m);
	if (c != NULL && c->cmsg_type == SCM_RIGHTS)
		memcpy(&message->fd, CMSG_DATA(c), sizeof(int));
	return CONTROL_MESSAGE;
}
