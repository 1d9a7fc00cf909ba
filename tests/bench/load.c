/*
 * A load generator: requests over many connections to one address on this
 * machine, each connection with one request at a time, until so many were made,
 * so much time has passed, or SIGTERM comes.  Counts what was not answered by
 * 200 and the whole body that the others got.  Knows just enough HTTP for answers with
 * Content-Length.  Called by the benchmark and by the system tests.
 *
 *	load [-n REQUESTS | -s SECONDS] [-c CONNECTIONS] [-o ONCE]
 *	    [-p BYTES] [-t full|resumed] PORT|unix:SOCKET PATH
 *
 * All are GET requests; with -p every other of a connection is a POST whose
 * body has so many bytes, at least one.
 *
 * ONCE of the connections are used for one request each and replaced by new
 * ones; every other of these says "Connection: close" itself.  With -t they
 * speak TLS: each with a full handshake, or resuming the session of the one it
 * replaces.  It prints
 *
 *	{"requests": N, "errors": N, "refused": N, "lost": N, "raced": N,
 *	    "full": N, "resumed": N, "seconds": S}
 *
 * where full and resumed are handshakes, and
 * errors are all that failed: refused connections, lost ones, and answers
 * other than those wanted.  Lost is a connection that closed before its first
 * answer, or within an answer.  One that had an answer before and closes
 * without another byte may have been closed while it was idle: it is raced, no
 * error, and the request is made again (RFC 9112 section 9.5).  A POST is not
 * repeated: it is lost.
 */
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "load_message.h"
#include "load_tls.h"

enum { HEAD_MAX = 8192, EVENTS = 64 };

/* No answer for so long is an error of the test. */
#define PATIENCE_MS	60000

struct body {
	uint64_t n, sum;
};

struct conn {
	int fd;			/* -1: none */
	struct load_tls_conn tls;
	bool closes;		/* and says so itself */
	bool posts;		/* the request it waits with is a POST */
	bool once;		/* new for each request */
	bool kept;		/* it has had an answer */
	bool waiting;		/* for an answer */
	/* The answer in hand. */
	char head[HEAD_MAX + 1];
	size_t n_head;
	struct body body;
	uint64_t body_left;
	bool in_body;
	bool bad;		/* is not a 200 */
	bool last;		/* says "close" */
};

struct load {
	int epoll;
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_un un;
	} to;
	socklen_t to_len;
	struct load_message messages[2][2];	/* by: it is a POST; it says "close" */
	bool posts;			/* every other request */
	uint64_t to_begin;
	int64_t end_ns;		/* monotonic */
	struct body body;	/* of the first answer */
	size_t waiting;		/* connections */
	bool speaks_tls;
	struct load_tls tls;
	uint64_t ended, errors, refused, lost, raced;
};

static volatile sig_atomic_t told_to_end;

static void
on_term(int signal)
{
	(void)signal;
	told_to_end = 1;
}

static int64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* -- requests -- */

static bool
begin(struct load *l, struct conn *c)
{
	if (l->to_begin == 0 || told_to_end || now_ns() >= l->end_ns)
		return false;
	l->to_begin--;
	c->waiting = true;
	c->posts = l->posts && !c->posts;
	l->waiting++;
	return true;
}

static void
end(struct load *l, struct conn *c, bool good)
{
	c->waiting = false;
	l->waiting--;
	l->ended++;
	if (!good)
		l->errors++;
}

/* -- connections -- */

/*
 * False where nobody listens; or no more, since the connection was made: then
 * the kernel resets it, before anything was asked on it.
 */
static bool
conn_connect(struct load *l, struct conn *c)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c };
	int one = 1;

	c->fd = socket(l->to.sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd == -1)
		err(1, "socket");
	if (connect(c->fd, &l->to.sa, l->to_len) == -1) {
		if (errno != ECONNREFUSED && errno != ECONNRESET &&
		    errno != ENOENT)
			err(1, "connect");
		close(c->fd);
		c->fd = -1;
		return false;
	}
	if (l->to.sa.sa_family == AF_INET)
		setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &ev) == -1)
		err(1, "epoll_ctl");
	if (l->speaks_tls)
		load_tls_start(&l->tls, &c->tls, c->fd);
	c->kept = false;
	return true;
}

static void
conn_close(struct conn *c)
{
	load_tls_end(&c->tls);
	close(c->fd);
	c->fd = -1;
}

/* A request always fits into an empty socket buffer. */
static bool
conn_put(struct conn *c, const struct load_message *m)
{
	if (c->tls.ssl != NULL)
		return load_tls_send(&c->tls, m->bytes, m->n);
	return send(c->fd, m->bytes, m->n, MSG_NOSIGNAL) == (ssize_t)m->n;
}

/* The request, once the handshake is over. */
static void
conn_send(struct load *l, struct conn *c)
{
	int r = c->tls.ssl == NULL || c->tls.shaken ? 1 :
	    load_tls_shake(&l->tls, &c->tls);

	c->n_head = 0;
	c->in_body = false;
	if (r == -1 ||
	    (r == 1 && !conn_put(c, &l->messages[c->posts][c->closes])))
		shutdown(c->fd, SHUT_RDWR);
}

/*
 * The request that it waits with, or its next one; none is left: nothing.  One
 * that is refused rests a moment.
 */
static void
conn_go_on(struct load *l, struct conn *c)
{
	const struct timespec moment = { .tv_nsec = 1000000 };

	while (c->waiting || begin(l, c)) {
		if (c->fd != -1 || conn_connect(l, c)) {
			conn_send(l, c);
			return;
		}
		l->refused++;
		end(l, c, false);
		nanosleep(&moment, NULL);
	}
}

static void
conn_ended(struct load *l, struct conn *c)
{
	conn_close(c);
	if (!c->waiting)
		return;
	if (c->kept && c->n_head == 0 && !c->posts) {
		l->raced++;
	} else {
		l->lost++;
		end(l, c, false);
	}
	conn_go_on(l, c);
}

static bool
is_wanted(struct load *l, const struct conn *c)
{
	if (c->bad)
		return false;
	if (l->body.n == 0)
		l->body = c->body;
	return c->body.n == l->body.n && c->body.sum == l->body.sum;
}

static void
conn_answered(struct load *l, struct conn *c)
{
	end(l, c, is_wanted(l, c));
	c->kept = true;
	if (c->once || c->last)
		conn_close(c);
	conn_go_on(l, c);
}

/* -- answers -- */

/* The head is whole: is it a 200, and how long is the body? */
static void
conn_head(struct conn *c)
{
	const char *length;

	c->bad = strncmp(c->head, "HTTP/1.1 200", 12) != 0;
	c->last = strcasestr(c->head, "\r\nconnection: close\r\n") != NULL;
	length = strcasestr(c->head, "\r\ncontent-length:");
	c->body_left = length == NULL ? 0 : strtoull(length + 17, NULL, 10);
	c->body = (struct body){ .n = c->body_left };
	c->in_body = true;
}

/* Takes bytes of a head; returns how many, and n where it goes on. */
static size_t
conn_take_head(struct conn *c, const char *p, size_t n)
{
	size_t had = c->n_head, take = n;
	char *last;

	if (take > HEAD_MAX - had)
		take = HEAD_MAX - had;
	memcpy(c->head + had, p, take);
	c->n_head += take;
	c->head[c->n_head] = '\0';
	last = strstr(c->head, "\r\n\r\n");
	if (last == NULL) {
		if (c->n_head == HEAD_MAX)
			errx(1, "an answer's head is too large");
		return n;
	}
	last[2] = '\0';
	conn_head(c);
	return (size_t)(last - c->head) + 4 - had;
}

static void
conn_bytes(struct load *l, struct conn *c, const char *p, size_t n)
{
	size_t head = c->in_body ? 0 : conn_take_head(c, p, n);

	if (!c->in_body)
		return;
	p += head;
	n -= head;
	if (n > c->body_left)
		errx(1, "bytes after the end of an answer");
	for (size_t i = 0; i < n; i++)
		c->body.sum += (unsigned char)p[i];
	c->body_left -= n;
	if (c->body_left == 0)
		conn_answered(l, c);
}

/* Of TLS one record, and nothing that is read ahead: see load_run(). */
static ssize_t
conn_get(struct conn *c, void *p, size_t n)
{
	return c->tls.ssl != NULL ? load_tls_recv(&c->tls, p, n) :
	    recv(c->fd, p, n, MSG_DONTWAIT);
}

static void
conn_readable(struct load *l, struct conn *c)
{
	static char buf[65536];
	ssize_t n;

	if (c->tls.ssl != NULL && !c->tls.shaken && c->waiting) {
		conn_send(l, c);
		return;
	}
	n = conn_get(c, buf, sizeof(buf));
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		conn_ended(l, c);
	else if (!c->waiting)
		errx(1, "an answer that nobody asked for");
	else
		conn_bytes(l, c, buf, (size_t)n);
}

/* -- the whole -- */

static void
load_run(struct load *l, struct conn *conns, size_t n_conns)
{
	struct epoll_event ev[EVENTS];
	int n;

	for (size_t i = 0; i < n_conns; i++)
		conn_go_on(l, &conns[i]);
	while (l->waiting > 0) {
		n = epoll_wait(l->epoll, ev, EVENTS, PATIENCE_MS);
		if (n == 0)
			errx(1, "no answer for %d seconds, after %llu",
			    PATIENCE_MS / 1000, (unsigned long long)l->ended);
		for (int i = 0; i < n; i++)
			conn_readable(l, ev[i].data.ptr);
	}
}

static uint64_t
number(const char *text)
{
	char *last;
	unsigned long long n = strtoull(text, &last, 10);

	if (*text == '\0' || *last != '\0')
		errx(2, "not a number: %s", text);
	return n;
}

static void
set_address(struct load *l, const char *text)
{
	if (strncmp(text, "unix:", 5) != 0) {
		l->to.in.sin_family = AF_INET;
		l->to.in.sin_port = htons((uint16_t)number(text));
		l->to.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		l->to_len = sizeof(l->to.in);
		return;
	}
	text += 5;
	if (strlen(text) >= sizeof(l->to.un.sun_path))
		errx(2, "the path is too long: %s", text);
	l->to.un.sun_family = AF_UNIX;
	strcpy(l->to.un.sun_path, text);
	l->to_len = sizeof(l->to.un);
}

static void
set_messages(struct load *l, const char *path, size_t body)
{
	if (body > LOAD_BODY_MAX)
		errx(2, "a body has at most %d bytes", LOAD_BODY_MAX);
	for (int posts = 0; posts < 2; posts++) {
		for (int closes = 0; closes < 2; closes++)
			load_message_set(&l->messages[posts][closes], path,
			    posts == 1, body, closes == 1);
	}
}

static void
set_tls(struct load *l, const char *handshakes)
{
	bool resumed = strcmp(handshakes, "resumed") == 0;

	if (!resumed && strcmp(handshakes, "full") != 0)
		errx(2, "handshakes are full or resumed");
	l->speaks_tls = true;
	load_tls_init(&l->tls, resumed);
	/* OpenSSL writes without MSG_NOSIGNAL. */
	signal(SIGPIPE, SIG_IGN);
}

static void
usage(void)
{
	fputs("usage: load [-n REQUESTS | -s SECONDS] [-c CONNECTIONS] "
	    "[-o ONCE]\n\t    [-p BYTES] [-t full|resumed] "
	    "PORT|unix:SOCKET PATH\n", stderr);
	exit(2);
}

static void
print(const struct load *l, double seconds)
{
	printf("{\"requests\": %llu, \"errors\": %llu, \"refused\": %llu, "
	    "\"lost\": %llu, \"raced\": %llu, \"full\": %llu, "
	    "\"resumed\": %llu, \"seconds\": %.3f}\n",
	    (unsigned long long)l->ended, (unsigned long long)l->errors,
	    (unsigned long long)l->refused, (unsigned long long)l->lost,
	    (unsigned long long)l->raced, (unsigned long long)l->tls.full,
	    (unsigned long long)l->tls.resumed, seconds);
}

static struct conn *
conns_new(size_t n, size_t once)
{
	struct conn *conns = calloc(n, sizeof(*conns));

	if (conns == NULL)
		err(1, NULL);
	for (size_t i = 0; i < n; i++) {
		conns[i].fd = -1;
		conns[i].once = i < once;
		conns[i].closes = i < once && i % 2 == 0;
		/* Half of them begin with a POST. */
		conns[i].posts = i / 2 % 2 == 0;
	}
	return conns;
}

int
main(int argc, char **argv)
{
	static struct load l = { .to_begin = UINT64_MAX, .end_ns = INT64_MAX };
	struct conn *conns;
	size_t n_conns = 64, once = 0, body = 0;
	int64_t began = now_ns();
	int opt;

	while ((opt = getopt(argc, argv, "n:s:c:o:p:t:")) != -1) {
		if (opt == 'n')
			l.to_begin = number(optarg);
		else if (opt == 's')
			l.end_ns = began + (int64_t)number(optarg) * 1000000000;
		else if (opt == 'c')
			n_conns = number(optarg);
		else if (opt == 'o')
			once = number(optarg);
		else if (opt == 'p')
			body = number(optarg);
		else if (opt == 't')
			set_tls(&l, optarg);
		else
			usage();
	}
	if (argc - optind != 2 || n_conns == 0 || once > n_conns)
		usage();
	signal(SIGTERM, on_term);
	set_address(&l, argv[optind]);
	l.posts = body != 0;
	set_messages(&l, argv[optind + 1], body);
	l.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l.epoll == -1)
		err(1, "epoll_create1");
	conns = conns_new(n_conns, once);
	load_run(&l, conns, n_conns);
	print(&l, (double)(now_ns() - began) / 1e9);
	for (size_t i = 0; i < n_conns; i++)
		load_tls_forget(&conns[i].tls);
	free(conns);
	load_tls_free(&l.tls);
	return 0;
}
