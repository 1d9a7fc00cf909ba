/*
 * Making listening sockets, and finding out whether they could be made; see
 * listener.h.  Called by the parent before it drops privileges.
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

#include "base/file.h"
#include "base/inherited.h"
#include "net/listener_name.h"

/* The reason of a failure, to be filled in. */
struct why {
	const struct addr *address;
	char *text;
	size_t size;
	bool trial;		/* nobody is to be disturbed */
	bool taken;		/* the reason is that others use the address */
	struct holder holder;	/* of taken: who does */
};

/* Returns -1 with the reason written behind the address. */
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

/* Refuses a taken address and names the holder, if it was found. */
static int
refuse_taken(struct why *why)
{
	char by[HOLDER_TEXT];

	why->taken = true;
	holder_format(&why->holder, by);
	return refuse(why, "address already in use%s", by);
}

/* Why bind() calls a well-formed address invalid. */
static const char *
explain_invalid(const struct addr *a)
{
	const struct sockaddr_in6 *in6 = (const void *)&a->ss;

	if (a->sa.sa_family != AF_INET6)
		return strerror(EINVAL);
	if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
		return "is an IPv4 address and has to be written as one";
	if (IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr))
		return "is of one interface, which cannot be named here";
	return strerror(EINVAL);
}

static int
refuse_bind(struct why *why, int e)
{
	switch (e) {
	case EADDRINUSE:
		(void)holder_find(why->address, &why->holder);
		return refuse_taken(why);
	case EADDRNOTAVAIL:
		return refuse(why, "this machine does not have the address");
	case EINVAL:
		return refuse(why, "%s", explain_invalid(why->address));
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

/* Accepted sockets inherit the option. */
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
	bound->kind = ADDR_INET;
	return true;
}

/* Bound, but not listening yet: other programs can still bind the address. */
static int
bind_inet(const struct addr *a, struct why *why)
{
	int fd = socket(a->sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, 0);

	if (fd == -1)
		return refuse(why, "%s", strerror(errno));
	set_on(fd, SOL_SOCKET, SO_REUSEADDR);
	if (a->sa.sa_family == AF_INET6)
		set_on(fd, IPPROTO_IPV6, IPV6_V6ONLY);
	if (bind(fd, &a->sa, a->len) == 0)
		return fd;
	refuse_bind(why, errno);
	close(fd);
	return -1;
}

static int
open_inet(const struct addr *a, struct why *why)
{
	int fd = bind_inet(a, why);

	if (fd == -1)
		return -1;
	set_no_delay(fd, a->sa.sa_family);
	if (listen(fd, SOMAXCONN) == 0)
		return fd;
	refuse_bind(why, errno);
	close(fd);
	return -1;
}

/* Connects to a Unix socket like a client: 0 or an errno. */
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

enum name { NAME_NONE, NAME_STALE, NAME_REFUSED };

/* Judges what has the name already; NAME_REFUSED with the reason. */
static enum name
judge_name(const struct addr *a, struct why *why)
{
	struct stat st;
	bool seen;
	int e;

	if (lstat(a->un.sun_path, &st) == -1) {
		if (errno == ENOENT)
			return NAME_NONE;
		refuse(why, "%s", strerror(errno));
		return NAME_REFUSED;
	}
	if (!S_ISSOCK(st.st_mode)) {
		refuse(why, "exists and is not a socket");
		return NAME_REFUSED;
	}
	/* A socket whose name was removed is still listed under it. */
	seen = holder_find(a, &why->holder);
	e = seen && why->trial ? 0 : try_connect(a, NULL);
	if (e == ECONNREFUSED || e == ENOENT)
		return NAME_STALE;
	if (e == 0 || e == EAGAIN || e == EPROTOTYPE)
		refuse_taken(why);
	else
		refuse(why, "exists, and nobody can tell whether it is in "
		    "use: %s", strerror(e));
	return NAME_REFUSED;
}

static int
refuse_to_replace(const struct why *why, int e)
{
	return refuse(why, "cannot replace the old socket: %s", strerror(e));
}

/* Removes a stale socket of that name; false with the reason. */
static bool
remove_stale(const struct addr *a, struct why *why)
{
	switch (judge_name(a, why)) {
	case NAME_NONE:
		return true;
	case NAME_STALE:
		if (unlink(a->un.sun_path) == 0 || errno == ENOENT)
			return true;
		refuse_to_replace(why, errno);
		break;
	case NAME_REFUSED:
		break;
	}
	return false;
}

/*
 * The mode of the socket before bind() limits that of its name, whatever the
 * umask: nobody else can connect before owner and mode are set, and nobody at
 * all before listen().
 */
static int
open_unix(const struct listener_conf *conf, struct why *why)
{
	const struct addr *a = &conf->address;
	char text[256];
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
	if (!listener_hand_out(conf, text, sizeof(text)))
		refuse(why, "%s", text);
	else if (listen(fd, SOMAXCONN) == 0)
		return fd;
	else
		refuse(why, "%s", strerror(errno));
	unlink(a->un.sun_path);
	close(fd);
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

/* The number of the one that was passed in for the listener, or -1. */
static int
find_inherited(const struct addr *a, struct why *why)
{
	int i = inherited_find(a);
	const char *fault = i != -1 ? inherited_fault((size_t)i) : NULL;

	if (i == -1) {
		return refuse(why, "systemd passed in no socket of this name "
		    "(FileDescriptorName=)");
	}
	if (fault == NULL)
		return i;
	return a->kind == ADDR_INHERITED ? refuse(why, "%s", fault) :
	    refuse(why, "what systemd passed in there %s", fault);
}

static int
open_inherited(const struct addr *a, struct why *why)
{
	int fd, i = find_inherited(a, why);

	if (i == -1)
		return -1;
	/* A copy: the original stays, so that it can be opened again. */
	fd = fcntl(INHERITED_FIRST + i, F_DUPFD_CLOEXEC, INHERITED_FIRST);
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

/* Where one of those is; clients know its path as the configuration has it. */
static bool
read_inherited(const struct addr *a, struct addr *bound)
{
	int i = inherited_find(a);
	struct text name;

	if (i == -1 || !inherited_bound((size_t)i, bound) ||
	    !inherited_name((size_t)i, &name))
		return false;
	if (a->kind == ADDR_UNIX)
		*bound = *a;
	(void)snprintf(bound->name, sizeof(bound->name), "%.*s",
	    TEXT_ARG(name));
	return true;
}

static int
open_own(const struct listener_conf *conf, struct addr *bound,
    struct why *why)
{
	const struct addr *a = &conf->address;
	int fd = a->kind == ADDR_UNIX ? open_unix(conf, why) :
	    open_inet(a, why);

	*bound = *a;
	if (fd == -1 || a->kind == ADDR_UNIX || read_bound(fd, bound))
		return fd;
	refuse(why, "%s", strerror(errno));
	close(fd);
	return -1;
}

int
listener_open(const struct listener_conf *conf, struct addr *bound,
    char *why_text, size_t why_size)
{
	const struct addr *a = &conf->address;
	struct why why = { .address = a, .text = why_text, .size = why_size,
		.holder = { .uid = UINT32_MAX } };

	if (a->kind != ADDR_INHERITED && inherited_find(a) == -1)
		return open_own(conf, bound, &why);
	*bound = *a;
	(void)read_inherited(a, bound);
	return open_inherited(a, &why);
}

/* -- without listening -- */

static int
try_inet(const struct addr *a, struct addr *bound, struct why *why)
{
	int fd = bind_inet(a, why);

	if (fd == -1)
		return -1;
	if (!read_bound(fd, bound))
		*bound = *a;
	close(fd);
	return 0;
}

/* The errno that unlink() would give, or 0. */
static int
try_unlink(const char *path)
{
	char *folder = file_folder(path);
	struct stat of_folder, of_name;
	int e = 0;

	if (access(folder, W_OK | X_OK) == -1 ||
	    stat(folder, &of_folder) == -1 || lstat(path, &of_name) == -1)
		e = errno;
	else if ((of_folder.st_mode & S_ISVTX) != 0 && geteuid() != 0 &&
	    geteuid() != of_folder.st_uid && geteuid() != of_name.st_uid)
		e = EPERM;
	free(folder);
	return e;
}

/* The configuration has checked already that the folder is writable. */
static int
try_unix(const struct addr *a, struct why *why)
{
	int e;

	switch (judge_name(a, why)) {
	case NAME_NONE:
		return 0;
	case NAME_STALE:
		e = try_unlink(a->un.sun_path);
		return e == 0 ? 0 : refuse_to_replace(why, e);
	case NAME_REFUSED:
		break;
	}
	return -1;
}

static enum listener_verdict
try_inherited(const struct addr *a, struct addr *bound, struct why *why)
{
	if (inherited_count() == 0) {
		refuse(why, "only systemd knows whether it will pass in this "
		    "socket, and whether other machines can reach it");
		return LISTENER_UNKNOWN;
	}
	if (find_inherited(a, why) == -1)
		return LISTENER_REFUSED;
	(void)read_inherited(a, bound);
	return LISTENER_FREE;
}

enum listener_verdict
listener_try(const struct listener_conf *conf, struct addr *bound,
    struct holder *holder, char *why_text, size_t why_size)
{
	const struct addr *a = &conf->address;
	struct why why = { .address = a, .text = why_text, .size = why_size,
		.trial = true, .holder = { .uid = UINT32_MAX } };
	int result = -1;

	*bound = *a;
	if (a->kind == ADDR_INHERITED || inherited_find(a) != -1)
		return try_inherited(a, bound, &why);
	result = a->kind == ADDR_UNIX ? try_unix(a, &why) :
	    try_inet(a, bound, &why);
	*holder = why.holder;
	if (result == 0)
		return LISTENER_FREE;
	if (why.taken && why.holder.managed) {
		refuse(&why, "systemd listens there, and only that knows "
		    "whether it will pass in this socket");
		return LISTENER_UNKNOWN;
	}
	return why.taken ? LISTENER_TAKEN : LISTENER_REFUSED;
}

/*
 * The kernel tells which process called listen() on the socket that has the
 * name; a socket that another program put there is not ours, and neither is one
 * that was passed in.
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
