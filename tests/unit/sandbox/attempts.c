/*
 * What an intruder would try; see attempts.h.
 */
#include "attempts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../../lib/asan.h"

#define NOBODY	65534

pid_t attempts_sibling;
int attempts_log;

static char program[] = "n";

/* -- files -- */

bool
attempt_open_file(void)
{
	return open("/etc/passwd", O_RDONLY) != -1;
}

bool
attempt_open_memory(void)
{
	return open("/proc/self/mem", O_RDWR) != -1;
}

bool
attempt_make_file(void)
{
	return open("/tmp/sallyport-sandbox", O_WRONLY | O_CREAT, 0600) != -1;
}

bool
attempt_look_at_file(void)
{
	struct stat st;

	return stat("/etc/passwd", &st) == 0;
}

static bool
removes_a_file(void)
{
	return unlink("/tmp/sallyport-sandbox") == 0 || errno == ENOENT;
}

static bool
cuts_the_log(void)
{
	return ftruncate(attempts_log, 0) == 0;
}

static bool
opens_a_folder_by_openat2(void)
{
	struct { uint64_t flags, mode, resolve; } how = { .flags = O_PATH };

	return syscall(437, AT_FDCWD, "/", &how, sizeof(how)) != -1;
}

/* -- other programs and processes -- */

bool
attempt_run(void)
{
	char *argv[] = { program, NULL }, *env[] = { NULL };

	return execve("/bin/true", argv, env) == 0;
}

static bool
runs_a_descriptor(void)
{
	char *argv[] = { program, NULL }, *env[] = { NULL };

	return syscall(SYS_execveat, 0, "", argv, env, AT_EMPTY_PATH) == 0;
}

static bool
forks(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid != -1;
}

static void *
thread(void *arg)
{
	return arg;
}

static bool
makes_a_thread(void)
{
	pthread_t t;

	return pthread_create(&t, NULL, thread, NULL) == 0;
}

static bool
traces_a_sibling(void)
{
	return ptrace(PTRACE_ATTACH, attempts_sibling, NULL, NULL) == 0;
}

static bool
reads_a_sibling(void)
{
	char byte;
	struct iovec ours = { &byte, 1 }, its = { &byte, 1 };

	return process_vm_readv(attempts_sibling, &ours, 1, &its, 1, 0) == 1;
}

static bool
ends_a_sibling(void)
{
	return kill(attempts_sibling, SIGTERM) == 0;
}

static bool
ends_a_sibling_s_thread(void)
{
	return syscall(SYS_tgkill, attempts_sibling, attempts_sibling, SIGTERM) == 0;
}

static bool
has_a_sibling_signalled(void)
{
	return fcntl(STDIN_FILENO, F_SETOWN, attempts_sibling) == 0;
}

static bool
limits_a_sibling(void)
{
	const struct rlimit none = { 0, 0 };

	return prlimit(attempts_sibling, RLIMIT_NOFILE, &none, NULL) == 0;
}

/* -- the network -- */

bool
attempt_connect(const struct addr *a)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd != -1 && connect(fd, &a->sa, a->len) == 0;
}

static bool
binds_a_port(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in any = { .sin_family = AF_INET };

	return bind(fd, (struct sockaddr *)&any, sizeof(any)) == 0;
}

static bool
listens(void)
{
	return listen(socket(AF_INET, SOCK_STREAM, 0), 1) == 0;
}

static bool
has_a_netlink_socket(void)
{
	return socket(AF_NETLINK, SOCK_RAW, 0) != -1;
}

static bool
has_a_packet_socket(void)
{
	return socket(AF_PACKET, SOCK_RAW, 0) != -1;
}

static bool
has_a_unix_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0) != -1;
}

static bool
has_a_pair(void)
{
	int pair[2];

	return socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0;
}

static bool
types_into_a_terminal(void)
{
	return ioctl(STDIN_FILENO, TIOCSTI, "x") == 0;
}

/* -- code and rights -- */

static bool
maps_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static bool
makes_code_of_memory(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0;
}

static bool
has_a_file_in_memory(void)
{
	return memfd_create("n", 0) != -1;
}

static bool
becomes_another_user(void)
{
	return setresuid(NOBODY, NOBODY, NOBODY) == 0;
}

static bool
takes_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = { 0 };

	return syscall(SYS_capset, &header, sets) == 0;
}

static bool
can_be_dumped_again(void)
{
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0;
}

static bool
has_namespaces_of_its_own(void)
{
	return syscall(SYS_unshare, 0x10000000) == 0;
}

static bool
has_another_root(void)
{
	return chroot("/") == 0;
}

static bool
loads_into_the_kernel(void)
{
	return syscall(SYS_bpf, 0, NULL, 0) != -1;
}

static bool
has_a_ring(void)
{
	return syscall(425, 1, NULL) != -1;
}

#ifdef __x86_64__
static bool
calls_by_x32(void)
{
	return syscall(0x40000000L | SYS_getpid) > 0;
}

/* Call 20 is getpid() there; here it is writev(), which is allowed. */
static bool
calls_as_32_bits(void)
{
	long result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory",
	    "r8", "r9", "r10", "r11");
	return result > 0;
}
#endif

#ifdef UNDER_ASAN
#define LEFT_OUT	true
#else
#define LEFT_OUT	false
#endif
#define ATTEMPT(fn)	{ #fn, fn, false },
#define LIKE_ASAN(fn)	{ #fn, fn, LEFT_OUT },

const struct attempt attempts_that_kill[] = {
	ATTEMPT(opens_a_folder_by_openat2)
	ATTEMPT(attempt_run)
	ATTEMPT(runs_a_descriptor)
	ATTEMPT(reads_a_sibling)
	ATTEMPT(ends_a_sibling_s_thread)
	ATTEMPT(binds_a_port)
	ATTEMPT(listens)
	ATTEMPT(has_a_pair)
	ATTEMPT(maps_code)
	ATTEMPT(makes_code_of_memory)
	ATTEMPT(has_a_file_in_memory)
	ATTEMPT(becomes_another_user)
	ATTEMPT(takes_capabilities)
	ATTEMPT(has_namespaces_of_its_own)
	ATTEMPT(has_another_root)
	ATTEMPT(loads_into_the_kernel)
	ATTEMPT(has_a_ring)
#ifdef __x86_64__
	ATTEMPT(calls_by_x32)
	ATTEMPT(calls_as_32_bits)
#endif
	LIKE_ASAN(forks)
	LIKE_ASAN(makes_a_thread)
	LIKE_ASAN(traces_a_sibling)
	LIKE_ASAN(ends_a_sibling)
	LIKE_ASAN(can_be_dumped_again)
	{ NULL, NULL, false }
};

const struct attempt attempts_that_fail[] = {
	LIKE_ASAN(attempt_open_file)
	LIKE_ASAN(attempt_open_memory)
	LIKE_ASAN(limits_a_sibling)
	ATTEMPT(attempt_make_file)
	ATTEMPT(attempt_look_at_file)
	ATTEMPT(removes_a_file)
	ATTEMPT(cuts_the_log)
	ATTEMPT(has_a_sibling_signalled)
	ATTEMPT(has_a_netlink_socket)
	ATTEMPT(has_a_packet_socket)
	ATTEMPT(has_a_unix_socket)
	ATTEMPT(types_into_a_terminal)
	{ NULL, NULL, false }
};
