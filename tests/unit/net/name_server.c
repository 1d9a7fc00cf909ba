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
enum { TYPE_A = 1, TYPE_CNAME = 5, TYPE_AAAA = 28 };

/* A record of the name at this place of the message, without its data. */
static size_t
put_head(uint8_t *p, uint8_t name, int type, uint32_t ttl, uint8_t n)
{
	const uint8_t head[] = { 0xc0, name, 0, (uint8_t)type, 0, 1,
	    (uint8_t)(ttl >> 24), (uint8_t)(ttl >> 16),
	    (uint8_t)(ttl >> 8), (uint8_t)ttl, 0, n };

	memcpy(p, head, sizeof(head));
	return sizeof(head);
}

static size_t
put_answers(const struct name_server *s, uint8_t *m, size_t n, int type,
    unsigned *count)
{
	const char *const *addrs = type == TYPE_A ? s->v4 : s->v6;
	uint8_t size = type == TYPE_A ? 4 : 16, name = 12;

	*count = 0;
	if (s->alias_ttl != 0) {
		n += put_head(m + n, name, TYPE_CNAME, s->alias_ttl, 3);
		name = (uint8_t)n;
		memcpy(m + n, "\1a", 3);
		n += 3;
		++*count;
	}
	for (; *addrs != NULL; addrs++, ++*count) {
		n += put_head(m + n, name, type, s->ttl, size);
		inet_pton(type == TYPE_A ? AF_INET : AF_INET6, *addrs, m + n);
		n += size;
	}
	return n;
}

static void
answer(struct name_server *s, uint8_t *m, size_t n, int type,
    const struct sockaddr_in *from)
{
	unsigned answers = 0;

	if (s->rcode == RCODE_OK)
		n = put_answers(s, m, n, type, &answers);
	m[2] = 0x81;
	m[3] = (uint8_t)(0x80 | s->rcode);
	m[7] = (uint8_t)answers;
	memset(m + 8, 0, 4);
	assert_int_equal(sendto(s->fd, m, n, 0,
	    (const struct sockaddr *)from, sizeof(*from)), n);
}

/* Notes it; the end of its question. */
static size_t
note_query(struct name_server *s, const uint8_t *m,
    const struct sockaddr_in *from)
{
	unsigned i = s->asked + s->asked_v6;
	char name[256] = "";
	size_t n = 12;

	while (m[n] != 0) {
		snprintf(name + strlen(name), sizeof(name) - strlen(name),
		    "%s%.*s", n == 12 ? "" : ".", m[n], m + n + 1);
		n += m[n] + 1u;
	}
	n += 5;
	if (i < sizeof(s->queries) / sizeof(*s->queries)) {
		s->queries[i] = (struct name_server_query){
			.port = ntohs(from->sin_port),
			.id = (uint16_t)(m[0] << 8 | m[1]),
		};
	}
	s->asked += m[n - 3] == TYPE_A;
	s->asked_v6 += m[n - 3] == TYPE_AAAA;
	s->unexpected += s->name != NULL && strcmp(name, s->name) != 0;
	return n;
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
	size_t n;
	int type;

	(void)what;
	assert_true(got > 12);
	n = note_query(s, m, &from);
	type = m[n - 3];
	if (s->silent || (type == TYPE_AAAA ? s->silent_v6 : s->silent_v4))
		return;
	if (s->hold_v6 && type == TYPE_AAAA) {
		memcpy(s->held.m, m, n);
		s->held.n = n;
		s->held.from = from;
		return;
	}
	answer(s, m, n, type, &from);
}

void
name_server_let_go(struct name_server *s)
{
	assert_int_not_equal(s->held.n, 0);
	answer(s, s->held.m, s->held.n, TYPE_AAAA, &s->held.from);
	s->held.n = 0;
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
