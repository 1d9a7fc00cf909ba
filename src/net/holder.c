/*
 * The process that listens at an address; see holder.h.  The kernel lists
 * sockets in /proc/net, by inode, and descriptors in /proc/PID/fd, which only
 * root and the process's own user may read.  Those of a process that keeps
 * secrets even its own user may not.
 */
#include "net/holder.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

#define TCP_LISTENING	0x0a		/* the kernel's TCP_LISTEN */
#define UNIX_LISTENING	0x10000		/* its __SO_ACCEPTCON */

/* The service manager's name, that of the machine and that of a user. */
#define MANAGER		"systemd"

/* A socket that listens. */
struct found {
	unsigned long long inode;
	uint32_t uid;
};

/* A line of a list of sockets is the one that is looked for. */
typedef bool	match(const struct addr *, const char *line, struct found *);

static bool
search(const char *list, match *is_it, const struct addr *a,
    struct found *found)
{
	FILE *f = fopen(list, "re");
	char *line = NULL;
	size_t size = 0;
	bool seen = false;

	if (f == NULL)
		return false;
	while (!seen && getline(&line, &size, f) > 0)
		seen = is_it(a, line, found);
	free(line);
	(void)fclose(f);
	return seen;
}

/* -- TCP -- */

static bool
is_any(const struct addr *a)
{
	const struct sockaddr_in *in = (const void *)&a->ss;
	const struct sockaddr_in6 *in6 = (const void *)&a->ss;

	if (a->sa.sa_family == AF_INET6)
		return IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr);
	return in->sin_addr.s_addr == INADDR_ANY;
}

bool
holder_overlaps(const struct addr *a, const struct addr *b)
{
	return a->kind == ADDR_INET && b->kind == ADDR_INET &&
	    a->sa.sa_family == b->sa.sa_family &&
	    addr_port(a) == addr_port(b) &&
	    (is_any(a) || is_any(b) || addr_same_ip(a, b));
}

/*
 * A listener at one of these addresses excludes one at the other.  Our own IPv6
 * sockets are for IPv6 only; a foreign one at all addresses that is not would
 * exclude IPv4 as well.
 */
static bool
excludes(const struct addr *ours, const struct addr *theirs)
{
	return holder_overlaps(ours, theirs) ||
	    (addr_port(ours) == addr_port(theirs) &&
	    ours->sa.sa_family == AF_INET &&
	    theirs->sa.sa_family == AF_INET6 && is_any(theirs));
}

/* The words of an address are in this machine's byte order. */
static bool
match_tcp(const struct addr *a, const char *line, struct found *found)
{
	struct addr at = { .kind = ADDR_INET };
	struct sockaddr_in *in = (void *)&at.ss;
	unsigned port, state, uid;

	if (sscanf(line, "%*u: %8x:%x %*x:%*x %x %*x:%*x %*x:%*x %*x %u %*d "
	    "%llu", &in->sin_addr.s_addr, &port, &state, &uid,
	    &found->inode) != 5 || state != TCP_LISTENING)
		return false;
	in->sin_family = AF_INET;
	addr_set_port(&at, (uint16_t)port);
	found->uid = uid;
	return excludes(a, &at);
}

static bool
match_tcp6(const struct addr *a, const char *line, struct found *found)
{
	struct addr at = { .kind = ADDR_INET };
	struct sockaddr_in6 *in6 = (void *)&at.ss;
	uint32_t *v = in6->sin6_addr.s6_addr32;
	unsigned port, state, uid;

	if (sscanf(line, "%*u: %8x%8x%8x%8x:%x %*x:%*x %x %*x:%*x %*x:%*x "
	    "%*x %u %*d %llu", &v[0], &v[1], &v[2], &v[3], &port, &state,
	    &uid, &found->inode) != 8 || state != TCP_LISTENING)
		return false;
	in6->sin6_family = AF_INET6;
	addr_set_port(&at, (uint16_t)port);
	found->uid = uid;
	return excludes(a, &at);
}

/* -- Unix -- */

/* The list has the paths as bind() got them. */
static bool
match_unix(const struct addr *a, const char *line, struct found *found)
{
	unsigned flags;
	int n = 0;
	char path[sizeof(a->un.sun_path) + 1];

	if (sscanf(line, "%*s %*x %*x %x %*x %*x %llu %n", &flags,
	    &found->inode, &n) != 2 || n == 0 || line[n] != '/' ||
	    (flags & UNIX_LISTENING) == 0)
		return false;
	(void)snprintf(path, sizeof(path), "%.*s",
	    (int)strcspn(line + n, "\n"), line + n);
	found->uid = UINT32_MAX;
	return file_same_name(a->un.sun_path, path);
}

static bool
find_socket(const struct addr *a, struct found *found)
{
	switch (a->kind) {
	case ADDR_INET:
		return (a->sa.sa_family == AF_INET &&
		    search("/proc/net/tcp", match_tcp, a, found)) ||
		    search("/proc/net/tcp6", match_tcp6, a, found);
	case ADDR_UNIX:
		return search("/proc/net/unix", match_unix, a, found);
	case ADDR_INHERITED:
		break;
	}
	return false;
}

/* -- processes -- */

/* A descriptor of the process is that socket; false if we may not see it. */
static bool
has_socket(int proc, const char *pid, const char *socket)
{
	char path[64], target[64];
	const struct dirent *e;
	bool has = false;
	ssize_t n;
	DIR *dir;
	int fd;

	(void)snprintf(path, sizeof(path), "%.20s/fd", pid);
	fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return false;
	dir = fdopendir(fd);
	while (!has && dir != NULL && (e = readdir(dir)) != NULL) {
		n = readlinkat(fd, e->d_name, target, sizeof(target));
		has = n > 0 && (size_t)n == strlen(socket) &&
		    memcmp(target, socket, (size_t)n) == 0;
	}
	if (dir != NULL)
		(void)closedir(dir);
	else
		close(fd);
	return has;
}

struct process {
	char name[HOLDER_NAME];
	unsigned long long started;
	bool is_manager;
};

/*
 * The name of a process and its start time (proc_pid_stat(5)).  A name may hold
 * any byte; the fields behind it do not.
 */
static bool
look_at(int proc, const char *pid, struct process *found)
{
	char path[64], line[512], *begin, *end = NULL;
	int fd;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "%.20s/stat", pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	n = fd != -1 ? read(fd, line, sizeof(line) - 1) : -1;
	if (fd != -1)
		close(fd);
	line[n > 0 ? n : 0] = '\0';
	begin = strchr(line, '(');
	if (begin != NULL)
		end = strrchr(begin, ')');
	if (end == NULL || sscanf(end, ") %*c %*d %*d %*d %*d %*d %*u %*u "
	    "%*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
	    &found->started) != 1)
		return false;
	*end = '\0';
	(void)snprintf(found->name, HOLDER_NAME, "%s", begin + 1);
	for (char *p = found->name; *p != '\0'; p++) {
		if (*p < ' ' || *p > '~')
			*p = '?';
	}
	return true;
}

/* Ours or the machine's: anybody may call a program so. */
static bool
is_manager(int proc, const char *pid, const char *name)
{
	struct stat st;

	return strcmp(name, MANAGER) == 0 && fstatat(proc, pid, &st, 0) == 0 &&
	    (st.st_uid == 0 || st.st_uid == geteuid());
}

static bool
is_better(const struct process *one, const struct process *best)
{
	return one->is_manager != best->is_manager ? best->is_manager :
	    one->started < best->started;
}

/*
 * A daemon may have thousands of sockets, and each of its workers all of them:
 * so the descriptors of a process are only read if it is better than the best
 * one so far.
 */
static void
find_process(unsigned long long inode, struct holder *h)
{
	struct process one, best = { .started = 0 };
	char socket[48];
	const struct dirent *e;
	DIR *proc = opendir("/proc");
	uint64_t pid;

	(void)snprintf(socket, sizeof(socket), "socket:[%llu]", inode);
	while (proc != NULL && (e = readdir(proc)) != NULL) {
		if (!text_parse_u64(text_of(e->d_name), INT32_MAX, &pid) ||
		    !look_at(dirfd(proc), e->d_name, &one))
			continue;
		one.is_manager = is_manager(dirfd(proc), e->d_name, one.name);
		if ((h->pid != 0 && !is_better(&one, &best)) ||
		    !has_socket(dirfd(proc), e->d_name, socket))
			continue;
		best = one;
		h->pid = (pid_t)pid;
		h->managed = one.is_manager;
		memcpy(h->name, one.name, sizeof(h->name));
	}
	if (proc != NULL)
		(void)closedir(proc);
}

bool
holder_find(const struct addr *a, struct holder *h)
{
	struct found found;

	*h = (struct holder){ .uid = UINT32_MAX };
	if (!find_socket(a, &found))
		return false;
	h->uid = found.uid;
	find_process(found.inode, h);
	return true;
}

void
holder_format(const struct holder *h, char *out)
{
	if (h->pid == getpid())
		(void)snprintf(out, HOLDER_TEXT, " by another listener");
	else if (h->managed)
		(void)snprintf(out, HOLDER_TEXT, " by systemd, for the service "
		    "that it passes it to");
	else if (h->pid != 0)
		(void)snprintf(out, HOLDER_TEXT, " by process %d (%s)",
		    (int)h->pid, h->name);
	else if (h->uid != UINT32_MAX)
		(void)snprintf(out, HOLDER_TEXT, " by a program of user %u",
		    (unsigned)h->uid);
	else
		(void)snprintf(out, HOLDER_TEXT, " by another program");
}
