#include "name_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

/* RFC 1035 section 3.2.2, RFC 3596 section 2.1. */
enum { TYPE_A = 1, TYPE_AAAA = 28 };

static size_t
put_answers(uint8_t *p, int type, const char *const *addrs, uint32_t ttl,
    unsigned *count)
{
	size_t at = 0;

	for (; *addrs != NULL; addrs++, ++*count) {
		uint8_t n = type == TYPE_A ? 4 : 16;
		const uint8_t head[] = { 0xc0, 12, 0, (uint8_t)type, 0, 1,
		    (uint8_t)(ttl >> 24), (uint8_t)(ttl >> 16),
		    (uint8_t)(ttl >> 8), (uint8_t)ttl, 0, n };

		memcpy(p + at, head, sizeof(head));
		at += sizeof(head);
		inet_pton(type == TYPE_A ? AF_INET : AF_INET6, *addrs,
		    p + at);
		at += n;
	}
	return at;
}

static void
on_query(evutil_socket_t fd, short what, void *arg)
{
	struct name_server *s = arg;
	struct sockaddr_in from;
	socklen_t from_len = sizeof(from);
	uint8_t m[512];
	ssize_t got = recvfrom(fd, m, sizeof(m), 0, (struct sockaddr *)&from,
	    &from_len);
	size_t n = 12;
	unsigned answers = 0;
	int type;

	(void)what;
	assert_true(got > 12);
	while (m[n] != 0)
		n += m[n] + 1u;
	n += 5;
	type = m[n - 3];
	s->asked += type == TYPE_A;
	s->asked_v6 += type == TYPE_AAAA;
	if (s->silent || (s->silent_v6 && type == TYPE_AAAA))
		return;
	if (s->rcode == RCODE_OK)
		n += put_answers(m + n, type,
		    type == TYPE_AAAA ? s->v6 : s->v4, s->ttl, &answers);
	m[2] = 0x81;
	m[3] = (uint8_t)(0x80 | s->rcode);
	m[7] = (uint8_t)answers;
	memset(m + 8, 0, 4);
	assert_int_equal(sendto(fd, m, n, 0, (struct sockaddr *)&from,
	    from_len), n);
}

static bool
start(struct name_server *s, struct loop *loop, struct sockaddr_in a)
{
	socklen_t len = sizeof(a);

	*s = (struct name_server){ .ttl = 60 };
	s->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	if (bind(s->fd, (struct sockaddr *)&a, len) != 0) {
		close(s->fd);
		return false;
	}
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)&a, &len), 0);
	s->event = event_new(loop_base(loop), s->fd, EV_READ | EV_PERSIST,
	    on_query, s);
	event_add(s->event, NULL);
	snprintf(s->address, sizeof(s->address), "127.0.0.1:%u",
	    ntohs(a.sin_port));
	return true;
}

void
name_server_start(struct name_server *s, struct loop *loop)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	assert_true(start(s, loop, a));
}

bool
name_server_start_at(struct name_server *s, struct loop *loop, const char *ip)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
	    .sin_port = htons(53), .sin_addr.s_addr = inet_addr(ip) };

	return start(s, loop, a);
}

void
name_server_stop(struct name_server *s)
{
	event_free(s->event);
	close(s->fd);
}
