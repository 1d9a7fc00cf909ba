/*
 * Descriptors of a service manager; see inherited.h.  Opens and closes none.
 */
#include "base/inherited.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"

/* Found by inherited_claim(). */
static size_t count;

static int
descriptor_of(size_t i)
{
	return INHERITED_FIRST + (int)i;
}

void
inherited_claim(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	uint64_t value, n;

	count = 0;
	if (pid == NULL || fds == NULL ||
	    !text_parse_u64(text_of(pid), INT32_MAX, &value) ||
	    value != (uint64_t)getpid() ||
	    !text_parse_u64(text_of(fds), INT16_MAX, &n))
		return;
	count = (size_t)n;
	for (size_t i = 0; i < count; i++)
		(void)fcntl(descriptor_of(i), F_SETFD, FD_CLOEXEC);
}

size_t
inherited_count(void)
{
	return count;
}

/* A descriptor without a name gets that of sd_listen_fds_with_names(3). */
bool
inherited_name(size_t i, struct text *name)
{
	const char *names = getenv("LISTEN_FDNAMES");
	struct text rest = text_of(names != NULL ? names : "");

	if (i >= count)
		return false;
	for (size_t j = 0; j <= i; j++) {
		if (names == NULL || !text_split(&rest, ':', name))
			*name = TEXT("unknown");
	}
	return true;
}

/* -- what they are -- */

static int
get_int(size_t i, int option)
{
	int value = -1;
	socklen_t len = sizeof(value);

	if (getsockopt(descriptor_of(i), SOL_SOCKET, option, &value,
	    &len) == -1)
		return -1;
	return value;
}

bool
inherited_bound(size_t i, struct addr *bound)
{
	*bound = (struct addr){ .len = sizeof(bound->ss) };
	if (i >= count ||
	    getsockname(descriptor_of(i), &bound->sa, &bound->len) == -1)
		return false;
	switch (bound->sa.sa_family) {
	case AF_INET:
	case AF_INET6:
		bound->kind = ADDR_INET;
		return true;
	case AF_UNIX:
		bound->kind = ADDR_UNIX;
		return true;
	default:
		return false;
	}
}

/* One of SCTP is a stream, too. */
static bool
is_stream(size_t i)
{
	int protocol = get_int(i, SO_PROTOCOL);

	return get_int(i, SO_TYPE) == SOCK_STREAM && (protocol == 0 ||
	    protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP);
}

const char *
inherited_fault(size_t i)
{
	struct addr bound;

	if (!inherited_bound(i, &bound))
		return "is neither a socket of TCP nor a Unix socket";
	if (!is_stream(i))
		return "is not a stream socket (ListenStream= makes one)";
	if (get_int(i, SO_ACCEPTCONN) != 1)
		return "does not listen (Accept=no is needed)";
	return NULL;
}

/* -- which of them a listener takes -- */

static bool
has_name(size_t i, const struct addr *a)
{
	struct text name;

	return inherited_name(i, &name) && text_eq(name, text_of(a->name));
}

static bool
is_of_one_interface(const struct addr *a)
{
	const struct sockaddr_in6 *in6 = (const void *)&a->ss;

	return a->sa.sa_family == AF_INET6 && in6->sin6_scope_id != 0;
}

/* A port of UDP or SCTP is another one. */
static bool
is_at_ip(size_t i, const struct addr *bound, const struct addr *a)
{
	return is_stream(i) && addr_port(a) != 0 &&
	    addr_port(a) == addr_port(bound) && addr_same_ip(a, bound) &&
	    !is_of_one_interface(bound);
}

/* Whatever has the path keeps others from it. */
static bool
is_at_path(const struct addr *bound, const struct addr *a)
{
	return bound->un.sun_path[0] == '/' &&
	    file_same_name(bound->un.sun_path, a->un.sun_path);
}

bool
inherited_suits(size_t i, const struct addr *a)
{
	struct addr bound;

	if (a->kind == ADDR_INHERITED)
		return has_name(i, a);
	if (!inherited_bound(i, &bound) || bound.kind != a->kind)
		return false;
	return a->kind == ADDR_INET ? is_at_ip(i, &bound, a) :
	    is_at_path(&bound, a);
}

int
inherited_find(const struct addr *a)
{
	for (size_t i = 0; i < count; i++) {
		if (inherited_suits(i, a))
			return (int)i;
	}
	return -1;
}
