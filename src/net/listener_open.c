/*
 * Making listening sockets; see listener.h.  Called by the parent before it
 * drops privileges.
 */
#include "net/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

/* The first descriptor that systemd passes, sd_listen_fds(3). */
#define FIRST_INHERITED	3

/* Where a reason goes. */
struct why {
	const struct addr *address;
	char *text;
	size_t size;
};

/* -1, and the reason behind the address. */
static int __attribute__((format(printf, 2, 3)))
refuse(const struct why *why, const char *fmt, ...)
{
	char address[ADDR_TEXT];
	va_list ap;
	int n;

	addr_format(why->address, address);
	n = snprintf(why->text, why->size, "%s: ", address);
	if (n < 0 || (size_t)n >= why->size)
		return -1;
	va_start(ap, fmt);
	vsnprintf(why->text + n, why->size - (size_t)n, fmt, ap);
	va_end(ap);
	return -1;
}

static int
refuse_bind(const struct why *why, int e)
{
	switch (e) {
	case EADDRINUSE:
		return refuse(why, "address already in use by another "
		    "program or listener");
	case EADDRNOTAVAIL:
		return refuse(why, "this machine does not have the address");
	case EACCES:
		if (why->address->kind == ADDR_INET)
			return refuse(why, "not permitted to use port %u",
			    addr_port(why->address));
		return refuse(why, "no permission to create it");
	default:
		return refuse(why, "%s", strerror(e));
	}
}

static void
set_on(int fd, int level, int option)
{
	int on = 1;

	setsockopt(fd, level, option, &on, sizeof(on));
}

/* Accepted sockets inherit it. */
static void
set_no_delay(int fd, int family)
{
	if (family == AF_INET || family == AF_INET6)
		set_on(fd, IPPROTO_TCP, TCP_NODELAY);
}

static bool
read_bound(int fd, struct addr *bound)
{
	bound->len = sizeof(bound->ss);
	if (getsockname(fd, &bound->sa, &bound->len) == -1)
		return false;
	bound->kind = bound->sa.sa_family == AF_UNIX ? ADDR_UNIX : ADDR_INET;
	return true;
}

static int
open_inet(const struct addr *a, const struct why *why)
{
	int fd = socket(a->sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, 0);

	if (fd == -1)
		return refuse(why, "%s", strerror(errno));
	set_on(fd, SOL_SOCKET, SO_REUSEADDR);
	if (a->sa.sa_family == AF_INET6)
		set_on(fd, IPPROTO_IPV6, IPV6_V6ONLY);
	set_no_delay(fd, a->sa.sa_family);
	if (bind(fd, &a->sa, a->len) == -1 || listen(fd, SOMAXCONN) == -1) {
		refuse_bind(why, errno);
		close(fd);
		return -1;
	}
	return fd;
}

/* A client's connection to a Unix socket: 0 or an errno. */
static int
try_connect(const struct addr *a, struct ucred *listening)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0), e = 0;
	socklen_t len = sizeof(*listening);

	if (fd == -1)
		return errno;
	if (connect(fd, &a->sa, a->len) == -1 ||
	    (listening != NULL && getsockopt(fd, SOL_SOCKET, SO_PEERCRED,
	    listening, &len) == -1))
		e = errno;
	close(fd);
	return e;
}

/* Makes room for the name; false with the reason. */
static bool
remove_stale(const struct addr *a, const struct why *why)
{
	struct stat st;
	int e;

	if (lstat(a->un.sun_path, &st) == -1) {
		if (errno == ENOENT)
			return true;
		refuse(why, "%s", strerror(errno));
		return false;
	}
	if (!S_ISSOCK(st.st_mode)) {
		refuse(why, "exists and is not a socket");
		return false;
	}
	e = try_connect(a, NULL);
	if (e == 0 || e == EAGAIN || e == EPROTOTYPE) {
		refuse_bind(why, EADDRINUSE);
		return false;
	}
	if (e != ECONNREFUSED && e != ENOENT) {
		refuse(why, "exists, and nobody can tell whether it is in "
		    "use: %s", strerror(e));
		return false;
	}
	if (unlink(a->un.sun_path) == -1 && errno != ENOENT) {
		refuse(why, "cannot replace the old socket: %s",
		    strerror(errno));
		return false;
	}
	return true;
}

/*
 * Owner and mode of the socket's name, through a descriptor of it: the name
 * may be changed by others meanwhile.
 */
static int
hand_out(const struct listener_conf *conf, const struct why *why)
{
	char path[sizeof("/proc/self/fd/") + 3 * sizeof(int)];
	struct stat st;
	int result = -1, fd = open(conf->address.un.sun_path,
	    O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd == -1 || fstat(fd, &st) == -1) {
		refuse(why, "%s", strerror(errno));
		goto out;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (!S_ISSOCK(st.st_mode))
		refuse(why, "was replaced while it was made");
	else if (fchownat(fd, "", conf->owner, conf->group,
	    AT_EMPTY_PATH) == -1)
		refuse(why, "cannot set its owner or group: %s%s",
		    strerror(errno), errno == EPERM ? " (root may, and a "
		    "group's members may set that)" : "");
	else if (chmod(path, conf->mode & 0777) == -1)
		refuse(why, "cannot change its mode: %s", strerror(errno));
	else
		result = 0;
out:
	if (fd != -1)
		close(fd);
	return result;
}

/*
 * The mode of the socket before bind() limits that of its name, whatever the
 * umask: nobody else can connect before owner and mode are what they should
 * be, and nobody at all before listen().
 */
static int
open_unix(const struct listener_conf *conf, const struct why *why)
{
	const struct addr *a = &conf->address;
	int fd;

	if (!remove_stale(a, why))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return refuse(why, "%s", strerror(errno));
	if (fchmod(fd, 0600) == -1 || bind(fd, &a->sa, a->len) == -1) {
		refuse_bind(why, errno);
		close(fd);
		return -1;
	}
	if (hand_out(conf, why) == 0) {
		if (listen(fd, SOMAXCONN) == 0)
			return fd;
		refuse(why, "%s", strerror(errno));
	}
	unlink(a->un.sun_path);
	close(fd);
	return -1;
}

/* How many descriptors systemd has passed to this process. */
static uint64_t
count_inherited(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	uint64_t value, n;

	if (pid == NULL || fds == NULL ||
	    !text_parse_u64(text_of(pid), INT32_MAX, &value) ||
	    value != (uint64_t)getpid() ||
	    !text_parse_u64(text_of(fds), INT16_MAX, &n))
		return 0;
	return n;
}

/* One without a name is called as sd_listen_fds_with_names(3) calls it. */
bool
listener_inherited(size_t i, struct text *name)
{
	const char *names = getenv("LISTEN_FDNAMES");
	struct text rest = text_of(names != NULL ? names : "");

	if (i >= count_inherited())
		return false;
	for (size_t j = 0; j <= i; j++) {
		if (names == NULL || !text_split(&rest, ':', name))
			*name = TEXT("unknown");
	}
	return true;
}

/* Which of the descriptors of systemd has the name; -1: none. */
static int
find_inherited(const char *name)
{
	struct text one;

	for (size_t i = 0; listener_inherited(i, &one); i++) {
		if (text_eq(one, text_of(name)))
			return FIRST_INHERITED + (int)i;
	}
	return -1;
}

static int
get_int(int fd, int option)
{
	int value = -1;
	socklen_t len = sizeof(value);

	if (getsockopt(fd, SOL_SOCKET, option, &value, &len) == -1)
		return -1;
	return value;
}

static int
open_inherited(const struct addr *a, const struct why *why)
{
	int fd, from = find_inherited(a->name);

	if (from == -1)
		return refuse(why, "systemd passed in no socket of this name "
		    "(FileDescriptorName=)");
	if (get_int(from, SO_TYPE) != SOCK_STREAM)
		return refuse(why, "is not a stream socket");
	if (get_int(from, SO_ACCEPTCONN) != 1)
		return refuse(why, "does not listen (Accept=no is needed)");
	/* A copy: the original stays for whoever opens it again. */
	fcntl(from, F_SETFD, FD_CLOEXEC);
	fd = fcntl(from, F_DUPFD_CLOEXEC, FIRST_INHERITED);
	if (fd == -1 || fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) |
	    O_NONBLOCK) == -1) {
		refuse(why, "%s", strerror(errno));
		if (fd != -1)
			close(fd);
		return -1;
	}
	set_no_delay(fd, get_int(fd, SO_DOMAIN));
	return fd;
}

int
listener_open(const struct listener_conf *conf, struct addr *bound,
    char *why_text, size_t why_size)
{
	const struct addr *a = &conf->address;
	const struct why why = { a, why_text, why_size };
	int fd = -1;

	switch (a->kind) {
	case ADDR_INET:
		fd = open_inet(a, &why);
		break;
	case ADDR_UNIX:
		fd = open_unix(conf, &why);
		break;
	case ADDR_INHERITED:
		fd = open_inherited(a, &why);
		break;
	}
	if (fd == -1)
		return -1;
	*bound = *a;
	if (a->kind != ADDR_UNIX && !read_bound(fd, bound)) {
		refuse(&why, "%s", strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

/*
 * The kernel tells who called listen() on the socket that a name leads to; a
 * socket that another program put there is not ours.
 */
void
listener_unlink(int fd, const struct addr *bound)
{
	struct ucred cred = { .pid = -1 };

	if (bound->kind != ADDR_UNIX || bound->name[0] != '\0' ||
	    get_int(fd, SO_ACCEPTCONN) != 1)
		return;
	if (try_connect(bound, &cred) == 0 && cred.pid == getpid())
		unlink(bound->un.sun_path);
}
