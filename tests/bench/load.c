/*
 * A load generator: so many GET requests over so many kept connections to
 * one address on this machine, each connection with one request at a time.
 * Counts what was not answered by 200 and a whole body.  Knows just enough
 * HTTP for answers with Content-Length.  Called by the benchmark and by the
 * system tests.
 *
 *	load [-n REQUESTS] [-c CONNECTIONS] PORT PATH
 *
 * prints {"requests": N, "errors": N, "lost": N, "seconds": S}: lost are
 * requests whose connection closed before the answer was whole, errors are
 * those and every other answer.
 */
#include <sys/epoll.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { HEAD_MAX = 8192, EVENTS = 64 };

struct conn {
	int fd;
	char head[HEAD_MAX + 1];
	size_t n_head;
	uint64_t body_left;
	bool in_body;
	bool waiting;		/* for an answer */
	bool bad;		/* the answer in hand is not a 200 */
};

struct load {
	int epoll;
	struct sockaddr_in to;
	const char *request;
	size_t request_len;
	uint64_t to_send, answered, errors, lost;
};

static void
conn_send(struct load *l, struct conn *c)
{
	if (l->to_send == 0)
		return;
	l->to_send--;
	c->waiting = true;
	c->n_head = 0;
	c->in_body = false;
	/* A request always fits into an empty socket buffer. */
	if (send(c->fd, l->request, l->request_len, MSG_NOSIGNAL) !=
	    (ssize_t)l->request_len)
		shutdown(c->fd, SHUT_RDWR);
}

static void
conn_open(struct load *l, struct conn *c)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c };
	int one = 1;

	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd == -1)
		err(1, "socket");
	if (connect(c->fd, (const struct sockaddr *)&l->to,
	    sizeof(l->to)) == -1)
		err(1, "connect");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &ev) == -1)
		err(1, "epoll_ctl");
	conn_send(l, c);
}

static void
conn_lost(struct load *l, struct conn *c)
{
	close(c->fd);
	c->fd = -1;
	if (c->waiting) {
		l->lost++;
		l->errors++;
		l->answered++;
		c->waiting = false;
	}
	if (l->to_send > 0)
		conn_open(l, c);
}

static void
conn_answered(struct load *l, struct conn *c)
{
	l->answered++;
	if (c->bad)
		l->errors++;
	c->waiting = false;
	conn_send(l, c);
}

/* The head is whole: is it a 200, and how long is the body? */
static void
conn_head(struct conn *c)
{
	const char *length;

	c->bad = strncmp(c->head, "HTTP/1.1 200", 12) != 0;
	length = strcasestr(c->head, "\r\ncontent-length:");
	c->body_left = length == NULL ? 0 : strtoull(length + 17, NULL, 10);
	c->in_body = true;
}

static void
conn_bytes(struct load *l, struct conn *c, const char *p, size_t n)
{
	char *end;
	size_t had = c->n_head, take = n, head_len;

	if (!c->in_body) {
		if (take > HEAD_MAX - had)
			take = HEAD_MAX - had;
		memcpy(c->head + had, p, take);
		c->n_head += take;
		c->head[c->n_head] = '\0';
		end = strstr(c->head, "\r\n\r\n");
		if (end == NULL) {
			if (c->n_head == HEAD_MAX)
				errx(1, "an answer's head is too large");
			return;
		}
		head_len = (size_t)(end - c->head) + 4;
		end[2] = '\0';
		conn_head(c);
		p += head_len - had;
		n -= head_len - had;
	}
	if (n > c->body_left)
		errx(1, "bytes after the end of an answer");
	c->body_left -= n;
	if (c->body_left == 0)
		conn_answered(l, c);
}

static void
conn_readable(struct load *l, struct conn *c)
{
	static char buf[65536];
	ssize_t n = recv(c->fd, buf, sizeof(buf), MSG_DONTWAIT);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		conn_lost(l, c);
	else if (!c->waiting)
		errx(1, "an answer that nobody asked for");
	else
		conn_bytes(l, c, buf, (size_t)n);
}

static void
load_run(struct load *l, struct conn *conns, size_t n_conns)
{
	uint64_t all = l->to_send;
	struct epoll_event ev[EVENTS];
	int n;

	for (size_t i = 0; i < n_conns && l->to_send > 0; i++)
		conn_open(l, &conns[i]);
	while (l->answered < all) {
		n = epoll_wait(l->epoll, ev, EVENTS, 30000);
		if (n == 0)
			errx(1, "no answer for 30 seconds, after %llu",
			    (unsigned long long)l->answered);
		for (int i = 0; i < n; i++)
			conn_readable(l, ev[i].data.ptr);
	}
}

static uint64_t
number(const char *text)
{
	char *end;
	unsigned long long n = strtoull(text, &end, 10);

	if (*text == '\0' || *end != '\0')
		errx(2, "not a number: %s", text);
	return n;
}

static void
usage(void)
{
	fputs("usage: load [-n REQUESTS] [-c CONNECTIONS] PORT PATH\n",
	    stderr);
	exit(2);
}

int
main(int argc, char **argv)
{
	struct load l = { .to_send = 10000 };
	struct conn *conns;
	size_t n_conns = 64;
	uint64_t all;
	struct timespec a, b;
	char request[1024];
	int opt;

	while ((opt = getopt(argc, argv, "n:c:")) != -1) {
		if (opt == 'n')
			l.to_send = number(optarg);
		else if (opt == 'c')
			n_conns = number(optarg);
		else
			usage();
	}
	if (argc - optind != 2 || n_conns == 0)
		usage();
	all = l.to_send;
	l.to.sin_family = AF_INET;
	l.to.sin_port = htons((uint16_t)number(argv[optind]));
	l.to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	l.request = request;
	l.request_len = (size_t)snprintf(request, sizeof(request),
	    "GET %s HTTP/1.1\r\nHost: localhost\r\n"
	    "User-Agent: load\r\nAccept: */*\r\n\r\n", argv[optind + 1]);
	if (l.request_len >= sizeof(request))
		errx(2, "the path is too long");
	l.epoll = epoll_create1(EPOLL_CLOEXEC);
	conns = calloc(n_conns, sizeof(*conns));
	if (l.epoll == -1 || conns == NULL)
		err(1, NULL);
	clock_gettime(CLOCK_MONOTONIC, &a);
	load_run(&l, conns, n_conns);
	clock_gettime(CLOCK_MONOTONIC, &b);
	printf("{\"requests\": %llu, \"errors\": %llu, \"lost\": %llu, "
	    "\"seconds\": %.3f}\n", (unsigned long long)all,
	    (unsigned long long)l.errors, (unsigned long long)l.lost,
	    (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) /
	    1e9);
	free(conns);
	return 0;
}
