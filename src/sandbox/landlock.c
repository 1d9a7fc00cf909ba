/*
 * Landlock's three system calls; see landlock.h.  The names of its rights are
 * written here, for the kernel's headers may be older than the kernel.
 */
#include "sandbox/landlock.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/asan.h"

#ifdef UNDER_ASAN
/* LeakSanitizer reads files and folders of /proc. */
#define LEFT_OUT	(UINT64_C(3) << 2)
#else
#define LEFT_OUT	UINT64_C(0)
#endif

/* Rights to files. */
#define FILES_1		(((UINT64_C(1) << 13) - 1) & ~LEFT_OUT)
#define REFER		(UINT64_C(1) << 13)	/* from 2 on */
#define TRUNCATE	(UINT64_C(1) << 14)	/* from 3 on */
#define IOCTL_DEVICE	(UINT64_C(1) << 15)	/* from 5 on */
#define BIND_TCP	(UINT64_C(1) << 0)
#define CONNECT_TCP	(UINT64_C(1) << 1)
#define ABSTRACT_SOCKETS	(UINT64_C(1) << 0)
#define SIGNALS		(UINT64_C(1) << 1)

#define ASK_VERSION	1u		/* a flag */
#define RULE_OF_PORT	2		/* a kind of rule */

#ifdef SYS_landlock_create_ruleset

/* An older kernel takes it, too, as long as what it does not know is 0. */
struct ruleset {
	uint64_t files, net, scoped;
};

struct rule {
	uint64_t allowed, port;
};

int
landlock_version(void)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0,
	    ASK_VERSION);

	return version > 0 ? (int)version : 0;
}

static struct ruleset
rights_of(int version)
{
	struct ruleset r = { .files = FILES_1 };

	if (version >= 2)
		r.files |= REFER;
	if (version >= 3)
		r.files |= TRUNCATE;
	if (version >= 5)
		r.files |= IOCTL_DEVICE;
	if (version >= LANDLOCK_KNOWS_TCP)
		r.net = BIND_TCP | CONNECT_TCP;
	if (version >= LANDLOCK_KNOWS_SCOPES)
		r.scoped = ABSTRACT_SOCKETS | SIGNALS;
	return r;
}

static bool
allow_port(int set, uint16_t port)
{
	const struct rule rule = { .allowed = CONNECT_TCP, .port = port };

	return syscall(SYS_landlock_add_rule, set, RULE_OF_PORT, &rule, 0u) ==
	    0;
}

bool
landlock_enter(int version, const uint16_t *ports, size_t n)
{
	const struct ruleset rights = rights_of(version);
	int set = (int)syscall(SYS_landlock_create_ruleset, &rights,
	    sizeof(rights), 0u);
	bool good = set != -1;

	for (size_t i = 0; i < n && rights.net != 0 && good; i++)
		good = allow_port(set, ports[i]);
	if (good)
		good = syscall(SYS_landlock_restrict_self, set, 0u) == 0;
	if (set != -1)
		close(set);
	return good;
}

#else

int
landlock_version(void)
{
	errno = ENOSYS;
	return 0;
}

bool
landlock_enter(int version, const uint16_t *ports, size_t n)
{
	(void)version;
	(void)ports;
	(void)n;
	errno = ENOSYS;
	return false;
}

#endif
