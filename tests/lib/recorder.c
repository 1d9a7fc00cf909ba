/*
 * A stand-in of the API that records when what arrived: a program of its own,
 * and quick, for tests that measure or that check a long history.  The time of
 * a request is that at which the kernel received its last byte, however busy
 * the machine is afterwards.
 *
 *	recorder CERT_AND_KEY.pem RECORD
 *
 * Standard input has a line "NAME SHA256" for each key, the digest being that
 * of the whole field, "SCHEME VALUE".  It prints "listening on ADDRESS", and
 * appends lines to RECORD, times being nanoseconds since 1970:
 *
 *	request TIME CONNECTION NAME	NAME "-": not a key that it knows
 *	closed TIME CONNECTION		the other side closed it
 *
 * A target that begins with "/hold" gets no answer, others get 100 bytes.  It
 * knows no bodies.  It ends with its standard input.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define KEYS	64
#define EVENTS	256
#define PIECE	16384
#define NS	UINT64_C(1000000000)

struct key {
	char name[80];
	char digest[65];
};

struct connection {
	int fd;
	unsigned number;
	SSL *ssl;
	BIO *in, *out;			/* the ssl's */
	char head[PIECE];
	size_t n;
	uint64_t at;			/* when the last bytes came */
};

static struct key keys[KEYS];
static size_t n_keys;
static SSL_CTX *tls;
static FILE *record;
static int epoll;
static unsigned n_connections;

static void __attribute__((noreturn))
fail(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * NS + (uint64_t)t.tv_nsec;
}

/* -- keys -- */

static void
read_keys(void)
{
	while (n_keys < KEYS && scanf("%79s %64s", keys[n_keys].name,
	    keys[n_keys].digest) == 2) {
		if (strcmp(keys[n_keys].name, "end") == 0)
			return;
		n_keys++;
	}
}

static const char *
name_of(const char *field, size_t n)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	char hex[65];

	if (EVP_Digest(field, n, digest, NULL, EVP_sha256(), NULL) != 1)
		return "-";
	for (size_t i = 0; i < 32; i++)
		(void)snprintf(&hex[2 * i], 3, "%02x", digest[i]);
	for (size_t i = 0; i < n_keys; i++) {
		if (strcmp(keys[i].digest, hex) == 0)
			return keys[i].name;
	}
	return "-";
}

/* -- requests -- */

static const char *
key_of(const char *head)
{
	const char *field = strcasestr(head, "\r\nauthorization: ");

	if (field == NULL)
		return "-";
	field += strlen("\r\nauthorization: ");
	return name_of(field, strcspn(field, "\r"));
}

static void
answer(struct connection *c)
{
	static const char text[] = "HTTP/1.1 200 OK\r\n"
	    "Content-Length: 100\r\n\r\n"
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

	(void)SSL_write(c->ssl, text, sizeof(text) - 1);
}

/* One whole head, which ends before next. */
static void
take_request(struct connection *c, char *next)
{
	char kept = *next;
	const char *target = strchr(c->head, ' ');

	*next = '\0';
	(void)fprintf(record, "request %llu %u %s\n",
	    (unsigned long long)c->at, c->number, key_of(c->head));
	if (target == NULL || strncmp(target, " /hold", 6) != 0)
		answer(c);
	*next = kept;
	c->n -= (size_t)(next - c->head);
	memmove(c->head, next, c->n + 1);
}

static void
take_requests(struct connection *c)
{
	char *end;
	int n;

	while ((n = SSL_read(c->ssl, c->head + c->n,
	    (int)(PIECE - 1 - c->n))) > 0) {
		c->n += (size_t)n;
		c->head[c->n] = '\0';
		while ((end = strstr(c->head, "\r\n\r\n")) != NULL)
			take_request(c, end + 4);
	}
}

/* -- connections -- */

static void
end(struct connection *c, uint64_t at)
{
	(void)fprintf(record, "closed %llu %u\n", (unsigned long long)at,
	    c->number);
	SSL_free(c->ssl);
	(void)close(c->fd);
	free(c);
}

static void
send_all(const struct connection *c)
{
	char piece[PIECE];
	int n;

	while ((n = BIO_read(c->out, piece, sizeof(piece))) > 0)
		(void)!send(c->fd, piece, (size_t)n, MSG_NOSIGNAL);
}

/* When the kernel received these bytes. */
static uint64_t
stamp_of(struct msghdr *m)
{
	struct timespec t;

	for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h != NULL;
	    h = CMSG_NXTHDR(m, h)) {
		if (h->cmsg_level != SOL_SOCKET ||
		    h->cmsg_type != SCM_TIMESTAMPNS)
			continue;
		memcpy(&t, CMSG_DATA(h), sizeof(t));
		return (uint64_t)t.tv_sec * NS + (uint64_t)t.tv_nsec;
	}
	return now();
}

static void
serve(struct connection *c)
{
	char piece[PIECE], room[256];
	struct iovec v = { .iov_base = piece, .iov_len = sizeof(piece) };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1,
		.msg_control = room, .msg_controllen = sizeof(room) };
	ssize_t n = recvmsg(c->fd, &m, 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		end(c, now());
		return;
	}
	c->at = stamp_of(&m);
	(void)BIO_write(c->in, piece, (int)n);
	take_requests(c);
	send_all(c);
	/* What it says of its end, and faults. */
	if ((SSL_get_shutdown(c->ssl) & SSL_RECEIVED_SHUTDOWN) != 0)
		end(c, c->at);
}

static void
welcome(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct epoll_event e = { .events = EPOLLIN };
	struct connection *c;

	if (fd == -1)
		return;
	(void)setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &(int){ 1 },
	    sizeof(int));
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		fail("memory");
	c->fd = fd;
	c->number = ++n_connections;
	c->ssl = SSL_new(tls);
	c->in = BIO_new(BIO_s_mem());
	c->out = BIO_new(BIO_s_mem());
	SSL_set_bio(c->ssl, c->in, c->out);
	SSL_set_accept_state(c->ssl);
	e.data.ptr = c;
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e) != 0)
		fail("epoll_ctl");
}

/* -- the whole -- */

static void
use_certificate(const char *pem)
{
	tls = SSL_CTX_new(TLS_server_method());
	if (tls == NULL ||
	    SSL_CTX_use_certificate_chain_file(tls, pem) != 1 ||
	    SSL_CTX_use_PrivateKey_file(tls, pem, SSL_FILETYPE_PEM) != 1) {
		(void)fprintf(stderr, "%s cannot be used\n", pem);
		exit(1);
	}
}

static int
listen_somewhere(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (fd == -1 || bind(fd, (struct sockaddr *)&a, size) != 0 ||
	    listen(fd, 1024) != 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &size) != 0)
		fail("listening");
	(void)printf("listening on 127.0.0.1:%u\n", ntohs(a.sin_port));
	(void)fflush(stdout);
	return fd;
}

static void
watch(int fd)
{
	struct epoll_event e = { .events = EPOLLIN };

	e.data.ptr = NULL;
	if (fd != STDIN_FILENO)
		e.data.ptr = &n_connections;
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e) != 0)
		fail("epoll_ctl");
}

int
main(int argc, char **argv)
{
	struct epoll_event events[EVENTS];
	int listener, n;

	if (argc != 3)
		return 2;
	read_keys();
	use_certificate(argv[1]);
	record = fopen(argv[2], "a");
	epoll = epoll_create1(EPOLL_CLOEXEC);
	if (record == NULL || epoll == -1)
		fail(argv[2]);
	listener = listen_somewhere();
	watch(listener);
	watch(STDIN_FILENO);
	for (;;) {
		n = epoll_wait(epoll, events, EVENTS, -1);
		for (int i = 0; i < n; i++) {
			if (events[i].data.ptr == NULL) {
				/* Connections that are open are no leak. */
				(void)fflush(record);
				_exit(0);
			}
			if (events[i].data.ptr == &n_connections)
				welcome(listener);
			else
				serve(events[i].data.ptr);
		}
		(void)fflush(record);
	}
}
