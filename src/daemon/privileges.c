/*
 * Giving up root; see privileges.h.
 */
#include "daemon/privileges.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/secret.h"
#include "base/write.h"

static bool
failed(const char *what, char *why, size_t why_size)
{
	snprintf(why, why_size, "%s: %s", what, strerror(errno));
	return false;
}

/* -- capabilities -- */

#define BIT(capability)	(UINT64_C(1) << (capability))

/* What the parent may need after its start, if it has it. */
#define KEPT	(BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_FOWNER) | \
    BIT(CAP_KILL) | BIT(CAP_SETGID) | BIT(CAP_SETUID) | \
    BIT(CAP_NET_BIND_SERVICE) | BIT(CAP_IPC_LOCK) | BIT(CAP_SYS_RESOURCE))

/*
 * Leaves those of kept, as far as they are there, in every set.  Who has no
 * others does not ask: the call may be forbidden to whom it could not help.
 */
static bool
keep_capabilities(uint64_t kept)
{
	bool has_more = false;
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, sets) != 0)
		return false;
	for (unsigned i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		uint32_t mask = (uint32_t)(kept >> (32 * i));

		has_more |= ((sets[i].permitted | sets[i].effective |
		    sets[i].inheritable) & ~mask) != 0;
		sets[i].permitted &= mask;
		sets[i].effective &= mask;
		sets[i].inheritable &= mask;
	}
	return !has_more || syscall(SYS_capset, &header, sets) == 0;
}

bool
privileges_reduce(void)
{
	return keep_capabilities(KEPT);
}

/*
 * A worker locks memory when it uses a key; what it might lock as root it may
 * lock afterwards.  Where it cannot, that memory may not be locked.
 */
static void
keep_locking(void)
{
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };

	if (secret_memory_limit() == SIZE_MAX)
		(void)setrlimit(RLIMIT_MEMLOCK, &all);
}

/* -- users -- */

/* Whether we are root, and are to become somebody else. */
static bool
has_to_drop(const struct conf *conf)
{
	return geteuid() == 0 && (conf->uid != CONF_NO_ID ||
	    conf->gid != CONF_NO_ID);
}

static bool
become(const struct conf *conf, char *why, size_t why_size)
{
	gid_t gid = conf->gid;
	uid_t uid = conf->uid;

	if (conf->user != NULL ? initgroups(conf->user, gid) != 0 :
	    setgroups(1, &gid) != 0)
		return failed("cannot set the groups of the user", why,
		    why_size);
	if (setresgid(gid, gid, gid) != 0)
		return failed("cannot change the group", why, why_size);
	if (uid != CONF_NO_ID && setresuid(uid, uid, uid) != 0)
		return failed("cannot change the user", why, why_size);
	if (uid != CONF_NO_ID && uid != 0 && setuid(0) == 0) {
		snprintf(why, why_size, "root could be regained");
		return false;
	}
	return true;
}

bool
privileges_drop(const struct conf *conf, char *why, size_t why_size)
{
	keep_locking();
	if (has_to_drop(conf) && !become(conf, why, why_size))
		return false;
	if (!keep_capabilities(0))
		return failed("cannot give up capabilities", why, why_size);
	/* Changing the user resets this to what the system was told. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return failed("cannot forbid core dumps", why, why_size);
	return true;
}

/*
 * The reason why a child of ours cannot drop privileges; empty if it can, or if
 * there can be no child.
 */
static void
ask_child(const struct conf *conf, char *why, size_t why_size)
{
	int ends[2];
	ssize_t n = 0;
	pid_t child;

	why[0] = '\0';
	if (pipe2(ends, O_CLOEXEC) != 0)
		return;
	child = fork();
	if (child == 0) {
		if (!privileges_drop(conf, why, why_size))
			(void)write_all(ends[1], why, strlen(why));
		_exit(0);
	}
	close(ends[1]);
	if (child > 0) {
		n = read(ends[0], why, why_size - 1);
		(void)waitpid(child, NULL, 0);
	}
	close(ends[0]);
	why[n > 0 ? n : 0] = '\0';
}

/* Whether we run as the user and group of the options. */
static bool
is_already(const struct conf *conf)
{
	return (conf->uid == CONF_NO_ID || conf->uid == geteuid()) &&
	    (conf->gid == CONF_NO_ID || conf->gid == getegid());
}

void
privileges_check(const struct conf *conf, struct conf_diagnostics *diagnostics)
{
	const struct conf_where *at = &conf->user_where;
	uid_t us = geteuid();
	char why[256];

	if (us == 0 && conf->uid == CONF_NO_ID)
		conf_warning(diagnostics, conf->file, 0, "runs as root, and so "
		    "do its workers, which read what comes from the network: "
		    "name with option 'user' whom they shall become, or start "
		    "it as another user");
	else if (us != 0 && at->line != 0 && !is_already(conf))
		conf_warning(diagnostics, at->file, at->line, "option '%s' has "
		    "no effect: only root can become somebody else, and this "
		    "runs as user %u", conf->user != NULL ? "user" : "group",
		    (unsigned)us);
	if (!has_to_drop(conf))
		return;
	ask_child(conf, why, sizeof(why));
	if (why[0] != '\0')
		conf_error(diagnostics, at->file, at->line, "option '%s': %s",
		    conf->user != NULL ? "user" : "group", why);
}

void
privileges_raise_limits(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0)
		return;
	r.rlim_cur = r.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &r);
}
