/* Each test that gives something up does so in a process of its own. */
#include "daemon/privileges.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY	65534
#define OTHERS	65533			/* a group */

static char file[] = "main";
static struct conf conf;
static char why[256];

int __real_setresuid(uid_t, uid_t, uid_t);
int __wrap_setresuid(uid_t, uid_t, uid_t);

/* Where fs.suid_dumpable says so, who changes the user can be dumped. */
int
__wrap_setresuid(uid_t real, uid_t effective, uid_t saved)
{
	int result = __real_setresuid(real, effective, saved);

	(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	return result;
}

static int
setup(void **state)
{
	(void)state;
	conf = (struct conf){ .file = file, .uid = CONF_NO_ID,
	    .gid = CONF_NO_ID };
	why[0] = '\0';
	return 0;
}

/* In some containers root may not. */
static bool
may_drop(void)
{
	gid_t gid = OTHERS;
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(setgroups(1, &gid) != 0 || setresgid(gid, gid, gid) != 0
		    || setresuid(NOBODY, NOBODY, NOBODY) != 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status == 0;
}

static void
need_root(void)
{
	if (geteuid() != 0 || !may_drop())
		skip();
}

/* The number that fn() returns in a process of its own: 0 is well. */
static int
in_child(int (*fn)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(fn());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static bool
drop(void)
{
	return privileges_drop(&conf, why, sizeof(why));
}

static bool
is_in_one_group(gid_t gid)
{
	gid_t groups[2];

	return getgroups(2, groups) == 1 && groups[0] == gid;
}

static bool
has_all_ids(uid_t uid, gid_t gid)
{
	uid_t u[3];
	gid_t g[3];

	if (getresuid(&u[0], &u[1], &u[2]) != 0 ||
	    getresgid(&g[0], &g[1], &g[2]) != 0)
		return false;
	for (unsigned i = 0; i < 3; i++) {
		if (u[i] != uid || g[i] != gid)
			return false;
	}
	return true;
}

/* -- dropping -- */

static int
drop_all(void)
{
	if (!drop())
		return 1;
	if (!has_all_ids(NOBODY, OTHERS))
		return 2;
	if (!is_in_one_group(OTHERS))
		return 3;
	if (setuid(0) == 0 || seteuid(0) == 0 || setgid(0) == 0)
		return 4;
	if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
		return 5;
	return 0;
}

static void
root_is_given_up_for_good(void **state)
{
	(void)state;
	need_root();
	conf.uid = NOBODY;
	conf.gid = OTHERS;
	assert_int_equal(in_child(drop_all), 0);
}

static int
drop_the_group(void)
{
	return !drop() || !has_all_ids(0, OTHERS) || !is_in_one_group(OTHERS);
}

static void
a_group_may_be_given_alone(void **state)
{
	(void)state;
	need_root();
	conf.gid = OTHERS;
	assert_int_equal(in_child(drop_the_group), 0);
}

/* No group of root's stays, whatever groups the user is in. */
static int
drop_by_name(void)
{
	gid_t groups[64];
	int n;

	if (!drop() || !has_all_ids(1, OTHERS))
		return 1;
	n = getgroups(64, groups);
	for (int i = 0; i < n; i++) {
		if (groups[i] == 0)
			return 2;
	}
	return n < 1;
}

static void
a_user_brings_its_groups(void **state)
{
	(void)state;
	need_root();
	conf.user = (char []){ "daemon" };
	conf.uid = 1;
	conf.gid = OTHERS;
	assert_int_equal(in_child(drop_by_name), 0);
}

static int
drop_without_root(void)
{
	if (geteuid() == 0 && setresuid(NOBODY, NOBODY, NOBODY) != 0)
		return 1;
	return !drop() || geteuid() == 1;
}

/* As the filter of a service may have it. */
static bool
forbid_capset(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_capset, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {
		.len = sizeof(code) / sizeof(code[0]), .filter = code,
	};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static int
drop_what_is_not_there(void)
{
	if (geteuid() == 0 && setresuid(NOBODY, NOBODY, NOBODY) != 0)
		return 1;
	return !forbid_capset() || !privileges_reduce() || !drop();
}

static void
who_has_no_capabilities_need_not_give_any_up(void **state)
{
	(void)state;
	if (geteuid() == 0)
		need_root();
	assert_int_equal(in_child(drop_what_is_not_there), 0);
}

static void
who_is_not_root_stays_who_it_is(void **state)
{
	(void)state;
	if (geteuid() == 0)
		need_root();
	conf.uid = 1;
	conf.gid = 1;
	assert_int_equal(in_child(drop_without_root), 0);
}

/* The first 32, which are all that matter here, in any set. */
static uint32_t
capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	(void)syscall(SYS_capget, &header, data);
	return data[0].effective | data[0].permitted | data[0].inheritable;
}

static int
drop_nothing(void)
{
	return !drop() || geteuid() != 0 || capabilities() != 0;
}

static int
reduce(void)
{
	const uint32_t before = capabilities();
	const uint32_t needless = 1U << CAP_SYS_PTRACE | 1U << CAP_SYS_ADMIN |
	    1U << CAP_SYS_MODULE | 1U << CAP_NET_RAW | 1U << CAP_NET_ADMIN;
	const uint32_t needed = 1U << CAP_SETUID | 1U << CAP_KILL |
	    1U << CAP_CHOWN;

	return !privileges_reduce() || (capabilities() & needless) != 0 ||
	    (capabilities() & needed) != (before & needed);
}

static void
the_parent_keeps_what_it_needs_only(void **state)
{
	(void)state;
	assert_int_equal(in_child(reduce), 0);
}

static void
root_without_a_user_stays_root_without_its_rights(void **state)
{
	(void)state;
	need_root();
	assert_int_equal(in_child(drop_nothing), 0);
}

/* Root of some containers lacks this one. */
static bool
give_up_capability(unsigned number)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) != 0)
		return false;
	data[number / 32].effective &= ~(1U << number % 32);
	data[number / 32].permitted &= ~(1U << number % 32);
	return syscall(SYS_capset, &header, data) == 0;
}

static int
fail_by_group(void)
{
	return !give_up_capability(CAP_SETGID) || drop() || strcmp(why,
	    "cannot set the groups of the user: Operation not permitted") != 0;
}

static int
fail_by_user(void)
{
	return !give_up_capability(CAP_SETUID) || drop() || strcmp(why,
	    "cannot change the user: Operation not permitted") != 0;
}

static void
what_could_not_be_given_up_is_said(void **state)
{
	(void)state;
	need_root();
	conf.uid = NOBODY;
	conf.gid = OTHERS;
	assert_int_equal(in_child(fail_by_group), 0);
	assert_int_equal(in_child(fail_by_user), 0);
}

/* -- checking -- */

/* 0: this alone is said, as a warning or not; "": nothing is. */
static int
check(unsigned line, bool warning, const char *text)
{
	struct conf_diagnostics diagnostics = { .n = 0 };
	bool good;

	privileges_check(&conf, &diagnostics);
	good = text[0] == '\0' ? diagnostics.n == 0 : diagnostics.n == 1 &&
	    diagnostics.v[0].line == line &&
	    diagnostics.v[0].warning == warning &&
	    strstr(diagnostics.v[0].text, text) != NULL;
	if (!good)
		conf_diagnostics_print(&diagnostics, stderr);
	conf_diagnostics_free(&diagnostics);
	return !good;
}

static int
check_root(void)
{
	return check(0, true, "runs as root, and so do its workers");
}

static int
check_user(void)
{
	return check(7, true, "");
}

static int
check_without_root(void)
{
	if (geteuid() == 0 && setresuid(NOBODY, NOBODY, NOBODY) != 0)
		return 1;
	return check(7, true, "option 'group' has no effect: only root can");
}

static int
check_as_that_user(void)
{
	if (geteuid() == 0 && (setresgid(OTHERS, OTHERS, OTHERS) != 0 ||
	    setresuid(NOBODY, NOBODY, NOBODY) != 0))
		return 1;
	return check(7, true, "");
}

static int
check_without_capability(void)
{
	return !give_up_capability(CAP_SETGID) || check(7, false,
	    "option 'group': cannot set the groups of the user: "
	    "Operation not permitted");
}

static void
root_without_a_user_to_become_is_a_warning(void **state)
{
	(void)state;
	need_root();
	assert_int_equal(in_child(check_root), 0);
	conf.uid = NOBODY;
	conf.gid = OTHERS;
	conf.user_where = (struct conf_where){ "main", 7 };
	assert_int_equal(in_child(check_user), 0);
}

static void
a_user_that_cannot_be_become_is_a_warning_without_root(void **state)
{
	(void)state;
	if (geteuid() == 0)
		need_root();
	conf.uid = NOBODY;
	conf.gid = OTHERS;
	conf.user_where = (struct conf_where){ "main", 7 };
	assert_int_equal(in_child(check_without_root), 0);
}

static void
but_not_for_that_user(void **state)
{
	(void)state;
	conf.uid = geteuid() == 0 ? NOBODY : geteuid();
	conf.gid = geteuid() == 0 ? OTHERS : getegid();
	conf.user_where = (struct conf_where){ "main", 7 };
	assert_int_equal(in_child(check_as_that_user), 0);
}

static void
and_a_fault_where_workers_would_fail(void **state)
{
	(void)state;
	need_root();
	conf.uid = NOBODY;
	conf.gid = OTHERS;
	conf.user_where = (struct conf_where){ "main", 7 };
	assert_int_equal(in_child(check_without_capability), 0);
	/* Who asked gave nothing up, nor has it a child left. */
	assert_int_equal(geteuid(), 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(root_is_given_up_for_good, setup),
		cmocka_unit_test_setup(a_group_may_be_given_alone, setup),
		cmocka_unit_test_setup(a_user_brings_its_groups, setup),
		cmocka_unit_test_setup(who_is_not_root_stays_who_it_is, setup),
		cmocka_unit_test_setup(
		    who_has_no_capabilities_need_not_give_any_up, setup),
		cmocka_unit_test_setup(
		    root_without_a_user_stays_root_without_its_rights, setup),
		cmocka_unit_test_setup(the_parent_keeps_what_it_needs_only,
		    setup),
		cmocka_unit_test_setup(what_could_not_be_given_up_is_said,
		    setup),
		cmocka_unit_test_setup(
		    root_without_a_user_to_become_is_a_warning, setup),
		cmocka_unit_test_setup(
		    a_user_that_cannot_be_become_is_a_warning_without_root,
		    setup),
		cmocka_unit_test_setup(but_not_for_that_user, setup),
		cmocka_unit_test_setup(and_a_fault_where_workers_would_fail,
		    setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
