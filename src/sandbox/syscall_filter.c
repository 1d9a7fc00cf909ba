/*
 * A filter made of syscalls.tbl, by libseccomp; see syscall_filter.h.
 *
 * Calls by another calling convention of the machine (32-bit, x32) end the
 * process: their numbers are other calls here.
 */
#include "sandbox/syscall_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/asan.h"

struct row {
	const char *call;
	unsigned whose;
	uint32_t action;
	unsigned n;			/* conditions: 0 or 1 */
	struct scmp_arg_cmp condition;
};

/*
 * Calls that this library or this machine does not know are left out: they are
 * refused like all that the table does not name.
 */
static int
add_row(scmp_filter_ctx filter, const struct row *r)
{
	int call = seccomp_syscall_resolve_name(r->call);

	if (call == __NR_SCMP_ERROR)
		return 0;
	return seccomp_rule_add_array(filter, r->action, call, r->n,
	    &r->condition);
}

/* A row before this one is for all arguments. */
static bool
is_decided(const struct row *rows, const struct row *r,
    enum syscall_caller caller)
{
	for (; rows < r; rows++) {
		if (rows->n == 0 && (rows->whose & caller) != 0 &&
		    strcmp(rows->call, r->call) == 0)
			return true;
	}
	return false;
}

static int
add_rows(scmp_filter_ctx filter, enum syscall_caller caller)
{
	enum { WORKER = SYSCALLS_WORKER, ADMIN = SYSCALLS_ADMIN,
	    BOTH = WORKER | ADMIN };
#define ALLOW(call, whose, why)	{ call, whose, SCMP_ACT_ALLOW, 0, { 0 } },
#define ALLOW_IF(call, whose, condition, why)	\
	{ call, whose, SCMP_ACT_ALLOW, 1, condition },
#define REFUSE(call, error, why)	\
	{ call, BOTH, SCMP_ACT_ERRNO(error), 0, { 0 } },
#define KILL(call)	{ call, BOTH, SCMP_ACT_KILL_PROCESS, 0, { 0 } },
#define KILL_IF(call, condition)	\
	{ call, BOTH, SCMP_ACT_KILL_PROCESS, 1, condition },
	const struct row rows[] = {
#include "sandbox/syscalls.tbl"
	};
#undef ALLOW
#undef ALLOW_IF
#undef REFUSE
#undef KILL
#undef KILL_IF
	int result = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && result == 0;
	    i++) {
		if ((rows[i].whose & caller) != 0 &&
		    !is_decided(rows, &rows[i], caller))
			result = add_row(filter, &rows[i]);
	}
	return result;
}

/* What cannot be set makes the filter slower, or the kernel quieter. */
static int
set_attributes(scmp_filter_ctx filter)
{
	int result = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH,
	    SCMP_ACT_KILL_PROCESS);

	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_LOG, 1);
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	return result;
}

bool
syscall_filter_load(enum syscall_caller caller, char *why, size_t why_size)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int result = filter == NULL ? -ENOMEM : set_attributes(filter);

	if (result == 0)
		result = add_rows(filter, caller);
	if (result == 0)
		result = seccomp_load(filter);
	seccomp_release(filter);
	if (result != 0)
		snprintf(why, why_size, "%s (seccomp)", strerror(-result));
	return result == 0;
}
