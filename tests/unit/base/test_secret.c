/*
 * Secrets: their memory, their sharing with children, what stays behind.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <libconfig.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "../../lib/asan.h"
#include "../../lib/needle.h"

/* The exit status of fn() in a forked child. */
static int
in_child(int (*fn)(void *), void *arg)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(fn(arg));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
a_new_secret_is_zero_and_keeps_what_is_written(void **state)
{
	struct secret *s = secret_new(40);

	(void)state;
	assert_int_equal(secret_len(s), 40);
	for (size_t i = 0; i < 40; i++)
		assert_int_equal(secret_read(s)[i], 0);
	memset(secret_bytes(s), 'x', 40);
	assert_int_equal(secret_read(s)[39], 'x');
	secret_free(s);
}

static void
texts_are_joined_in_their_order(void **state)
{
	const struct text pieces[] = { TEXT("a"), TEXT(""), TEXT("bc"),
		{ .p = NULL } };
	struct secret *s = secret_join(pieces, 4), *none;

	(void)state;
	assert_true(text_eq(secret_text(s), TEXT("abc")));
	secret_free(s);
	none = secret_join(NULL, 0);
	assert_int_equal(secret_text(none).n, 0);
	secret_free(none);
}

static void
secrets_of_any_size_do_not_overlap(void **state)
{
	static const size_t sizes[] = { 0, 1, 15, 16, 17, 100, 8191, 8192,
	    8193, 65536, 3 << 20 };
	enum { N = sizeof(sizes) / sizeof(sizes[0]) };
	struct secret *s[N];

	(void)state;
	for (size_t i = 0; i < N; i++) {
		s[i] = secret_new(sizes[i]);
		memset(secret_bytes(s[i]), (int)i + 1, sizes[i]);
	}
	for (size_t i = 0; i < N; i++) {
		for (size_t k = 0; k < sizes[i]; k++)
			assert_int_equal(secret_read(s[i])[k], i + 1);
		secret_free(s[i]);
	}
}

static void
small_secrets_share_pages_and_freed_room_is_zero_again(void **state)
{
	enum { N = 2000 };
	static struct secret *s[N];

	(void)state;
	for (size_t round = 0; round < 3; round++) {
		for (size_t i = round != 0 ? 1 : 0; i < N;
		    i += round != 0 ? 2 : 1) {
			s[i] = secret_new(1 + i % 120);
			for (size_t k = 0; k < secret_len(s[i]); k++)
				assert_int_equal(secret_read(s[i])[k], 0);
			memset(secret_bytes(s[i]), 0xa5, secret_len(s[i]));
		}
		for (size_t i = 1; i < N; i += 2)
			secret_free(s[i]);
	}
	for (size_t i = 0; i < N; i += 2) {
		for (size_t k = 0; k < secret_len(s[i]); k++)
			assert_int_equal(secret_read(s[i])[k], 0xa5);
		secret_free(s[i]);
	}
}

static void
truncating_wipes_the_rest(void **state)
{
	struct secret *s = secret_new(32);

	(void)state;
	memset(secret_bytes(s), 'k', 32);
	secret_truncate(s, 5);
	assert_int_equal(secret_len(s), 5);
	assert_int_equal(secret_read(s)[4], 'k');
	assert_int_equal(secret_read(s)[5], 0);
	assert_int_equal(secret_read(s)[31], 0);
	secret_free(s);
}

static void
equality_needs_the_same_length_and_bytes(void **state)
{
	char a[] = "abc", b[] = "abd", c[] = "ab";
	struct secret *sa = secret_copy(a, 3), *sb = secret_copy(b, 3);
	struct secret *sc = secret_copy(c, 2), *none = secret_new(0);

	(void)state;
	assert_true(secret_equal(sa, sa));
	assert_false(secret_equal(sa, sb));
	assert_false(secret_equal(sa, sc));
	assert_true(secret_equal_bytes(none, "", 0));
	assert_false(secret_equal_bytes(sc, "a", 1));
	secret_free(sa);
	secret_free(sb);
	secret_free(sc);
	secret_free(none);
	secret_free(NULL);
}

static int
read_free_and_make_another(void *arg)
{
	struct secret *s = arg, *own;

	if (!secret_equal_bytes(s, "shared", 6))
		return 1;
	own = secret_new(16);
	memset(secret_bytes(own), 'c', 16);
	secret_free(s);
	own = secret_new(16);
	memset(secret_bytes(own), 'd', 16);
	return 0;
}

static void
a_child_reads_a_secret_and_disturbs_none_of_its_parent(void **state)
{
	char bytes[] = "shared";
	struct secret *s = secret_copy(bytes, 6), *next;

	(void)state;
	assert_int_equal(in_child(read_free_and_make_another, s), 0);
	assert_true(secret_equal_bytes(s, "shared", 6));
	next = secret_new(64);
	for (size_t i = 0; i < 64; i++)
		assert_int_equal(secret_read(next)[i], 0);
	secret_free(next);
	secret_free(s);
}

/* Of this process, in KiB; -1 where it is not told. */
static long
locked(void)
{
	FILE *f = fopen("/proc/self/status", "re");
	char line[256];
	long n = -1;

	if (f == NULL)
		return -1;
	while (n == -1 && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, "VmLck:", 6) == 0)
			n = strtol(line + 6, NULL, 10);
	fclose(f);
	return n;
}

/* From now on this process has none, as if its kernel were older. */
static bool
lose_memfd_secret(void)
{
#ifdef SYS_memfd_secret
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_memfd_secret, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {
		.len = sizeof(code) / sizeof(code[0]), .filter = code,
	};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
#else
	return true;
#endif
}

static int
lock_again(void *arg)
{
	(void)arg;
	if (locked() != 0)
		return 1;
	secret_protect_inherited();
#ifdef UNDER_ASAN
	return 0;
#else
	return locked() >= 100 ? 0 : 2;
#endif
}

static int
lock_and_fork(void *arg)
{
	struct secret *s;

	(void)arg;
	if (!lose_memfd_secret())
		return 10;
	s = secret_new(100 * 1024);
	if (!secret_memory().locked)
		return 11;
	return in_child(lock_again, s);
}

static void
a_child_can_lock_what_it_inherited(void **state)
{
	int result = in_child(lock_and_fork, NULL);

	(void)state;
	if (result == 10 || result == 11) {
		print_message("skipped: nothing may be locked here\n");
		skip();
	}
	assert_int_equal(result, 0);
}

static int
lock_nothing(void *arg)
{
	const struct rlimit none = { 0, 0 };
	const struct secret *s = arg;

	if (geteuid() == 0 && setuid(65534) != 0)
		return 2;
	if (setrlimit(RLIMIT_MEMLOCK, &none) != 0)
		return 3;
	secret_protect_inherited();
	return secret_equal_bytes(s, "shared", 6) ? 0 : 1;
}

static void
a_child_that_may_lock_nothing_reads_it_all_the_same(void **state)
{
	char bytes[] = "shared";
	struct secret *s = secret_copy(bytes, 6);

	(void)state;
	assert_int_equal(in_child(lock_nothing, s), 0);
	secret_free(s);
}

static void
on_fault(int signal)
{
	(void)signal;
	_exit(42);
}

struct of_epochs {
	struct secret *old, *new;
	unsigned kept;
};

static int
read_new_then_old(void *arg)
{
	const struct of_epochs *e = arg;

	secret_keep_epoch(e->kept);
	secret_protect_inherited();
	if (!secret_equal_bytes(e->new, "new", 3))
		return 1;
	signal(SIGSEGV, on_fault);
	return secret_equal_bytes(e->old, "old", 3) ? 2 : 3;
}

static void
a_child_keeps_the_secrets_of_one_epoch_only(void **state)
{
	struct of_epochs e = { .old = secret_copy("old", 3) };

	(void)state;
	e.kept = secret_next_epoch();
	e.new = secret_copy("new", 3);
	assert_int_equal(in_child(read_new_then_old, &e), 42);
	assert_true(secret_equal_bytes(e.old, "old", 3));
	secret_free(e.old);
	secret_free(e.new);
}

static void
a_secret_of_a_new_epoch_lies_in_other_memory(void **state)
{
	struct secret *older = secret_copy("older", 5), *gap, *newer;

	(void)state;
	gap = secret_copy("gap", 3);
	secret_free(gap);
	(void)secret_next_epoch();
	newer = secret_copy("newer", 5);
	assert_int_not_equal(secret_read(newer), secret_read(older) + 16);
	secret_free(older);
	secret_free(newer);
}

static int
write_to_it(void *arg)
{
	struct secret *s = arg;

	signal(SIGSEGV, on_fault);
	secret_protect_inherited();
	if (!secret_equal_bytes(s, "shared", 6))
		return 1;
	secret_bytes(s)[0] = 'S';
	return 2;
}

static void
a_child_cannot_change_what_it_inherited(void **state)
{
	char bytes[] = "shared";
	struct secret *s = secret_copy(bytes, 6);

	(void)state;
	assert_int_equal(in_child(write_to_it, s), 42);
	assert_true(secret_equal_bytes(s, "shared", 6));
	secret_bytes(s)[0] = 'S';
	secret_free(s);
}

static int
change_it_by_force(void *arg)
{
	struct secret *s = arg;
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uint8_t *p = secret_bytes(s);

	secret_protect_inherited();
	if (mprotect(p - (uintptr_t)p % page, page, PROT_READ | PROT_WRITE) !=
	    0)
		return 1;
	p[0] = 'S';
	return secret_equal_bytes(s, "Shared", 6) ? 0 : 2;
}

static int
change_it_without_memfd_secret(void *arg)
{
	struct secret *s;

	(void)arg;
	if (!lose_memfd_secret())
		return 10;
	(void)secret_next_epoch();
	s = secret_copy("shared", 6);
	if (in_child(change_it_by_force, s) != 0)
		return 1;
	return secret_equal_bytes(s, "shared", 6) ? 0 : 2;
}

static void
a_child_that_was_taken_over_changes_its_own_copy_only(void **state)
{
	struct secret *s = secret_copy("shared", 6);

	(void)state;
	assert_int_equal(in_child(change_it_by_force, s), 0);
	assert_true(secret_equal_bytes(s, "shared", 6));
	secret_free(s);
	assert_int_equal(in_child(change_it_without_memfd_secret, NULL), 0);
}

static int
without_locked_memory(void *arg)
{
	const struct rlimit none = { 0, 0 };
	struct secret *s;

	(void)arg;
	/* Root may lock without limit: become nobody first. */
	if (geteuid() == 0 && setuid(65534) != 0)
		return 2;
	if (setrlimit(RLIMIT_MEMLOCK, &none) != 0)
		return 3;
	s = secret_new(100000);
	memset(secret_bytes(s), 'x', 100000);
#ifdef UNDER_ASAN
	/* It makes mlock() a function that does nothing, successfully. */
	return 0;
#else
	return secret_memory().locked ? 1 : 0;
#endif
}

static void
secrets_work_where_nothing_may_be_locked(void **state)
{
	(void)state;
	assert_int_equal(in_child(without_locked_memory, NULL), 0);
}

/* Where no limit holds for root it does for nobody. */
static int
tell_the_limit(void *arg)
{
	const struct rlimit some = { 65536, 65536 };

	(void)arg;
	if (geteuid() == 0 && setuid(65534) != 0)
		return 2;
	if (setrlimit(RLIMIT_MEMLOCK, &some) != 0)
		return 3;
	return secret_memory_limit() == 65536 ? 0 : 1;
}

static void
what_may_be_locked_is_told(void **state)
{
	(void)state;
	assert_int_equal(in_child(tell_the_limit, NULL), 0);
}

static void
what_secrets_take_is_told(void **state)
{
	struct secret_memory before = secret_memory(), now;
	struct secret *small[100], *large = secret_new(256 * 1024);

	(void)state;
	now = secret_memory();
	assert_int_equal(now.now, before.now + 256 * 1024);
	assert_true(now.most >= now.now);
	for (size_t i = 0; i < 100; i++)
		small[i] = secret_new(100);
	secret_free(large);
	/* Many of them lie in few pages. */
	assert_in_range(secret_memory().now, before.now,
	    before.now + 64 * 1024);
	assert_true(secret_memory().most >= before.now + 256 * 1024);
	for (size_t i = 0; i < 100; i++)
		secret_free(small[i]);
}

static int
make_the_first(void *arg)
{
	size_t *n = arg, before = secret_memory().now;

	(void)secret_new(*n);
	return secret_memory().now - before == secret_memory_of_first(*n) ?
	    0 : 1;
}

static void
what_a_first_secret_takes_is_foretold(void **state)
{
	(void)state;
	for (size_t n = 1; n < 300000; n = 3 * n + 1)
		assert_int_equal(in_child(make_the_first, &n), 0);
}

/* The signal that ends a child which reads this byte, or 0. */
static int
signal_at(const volatile uint8_t *p)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		/* AddressSanitizer has a handler of its own. */
		(void)signal(SIGSEGV, SIG_DFL);
		_exit(*p == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void
nobody_reads_beyond_the_memory_of_secrets(void **state)
{
	const size_t n = 256 * 1024;
	struct secret *s = secret_new(n);

	(void)state;
	assert_int_equal(signal_at(secret_read(s)), 0);
	assert_int_equal(signal_at(secret_read(s) + n - 1), 0);
	assert_int_equal(signal_at(secret_read(s) - 1), SIGSEGV);
	assert_int_equal(signal_at(secret_read(s) + n), SIGSEGV);
	secret_free(s);
}

static int
hardened(void *arg)
{
	struct rlimit core;

	(void)arg;
	if (secret_harden_process() != STATUS_OK)
		return 1;
	if (prctl(PR_GET_DUMPABLE) != 0 || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0,
	    0) != 1)
		return 2;
	if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_max != 0)
		return 3;
	return 0;
}

static void
a_hardened_process_leaves_no_core_and_cannot_be_traced(void **state)
{
	(void)state;
	assert_int_equal(in_child(hardened, NULL), 0);
}

#ifndef UNDER_ASAN
#define NEEDLE	40

/*
 * Parses a configuration of many keys, the needle in several of them, and
 * destroys it as a careful caller does.
 */
static void
parse_and_destroy(const struct needle *needle, bool overwrite)
{
	struct secret *text = secret_new(64 * 1024);
	char *p = (char *)secret_bytes(text), value[NEEDLE + 1];
	size_t n = 0;
	config_t c;

	for (size_t k = 0; k < NEEDLE; k++)
		value[k] = (char)(needle->turned[k] ^ 0xff);
	value[NEEDLE] = '\0';
	n += (size_t)sprintf(p + n, "keys = (\n");
	for (int i = 0; i < 100; i++)
		n += (size_t)sprintf(p + n, "{ name = \"key-%d\"; value = "
		    "\"%.*s%s\"; hosts = [ \"api.example.com\" ]; }%s\n", i,
		    i % 17, "................", value, i < 99 ? "," : "");
	n += (size_t)sprintf(p + n, ");\n");
	explicit_bzero(value, sizeof(value));
	config_init(&c);
	assert_int_equal(config_read_string(&c, p), CONFIG_TRUE);
	for (unsigned i = 0; overwrite && i < 100; i++) {
		char *s = (char *)(uintptr_t)config_setting_get_string(
		    config_setting_get_member(config_setting_get_elem(
		    config_lookup(&c, "keys"), i), "value"));

		explicit_bzero(s, strlen(s));
	}
	config_destroy(&c);
	secret_free(text);
}

static void
make_needle(struct needle *needle)
{
	uint8_t bytes[NEEDLE];

	for (size_t k = 0; k < NEEDLE; k++)
		bytes[k] = (uint8_t)"abcdefghijklmnop"[rand() % 16];
	needle_make(needle, bytes, sizeof(bytes));
	explicit_bzero(bytes, sizeof(bytes));
}
#endif

static void
after_a_scrub_nothing_of_a_parsed_key_is_left(void **state)
{
	(void)state;
#ifdef UNDER_ASAN
	print_message("skipped: AddressSanitizer replaces the heap\n");
	skip();
#else
	struct needle needle;

	srand(1);
	for (int round = 0; round < 3; round++) {
		make_needle(&needle);
		parse_and_destroy(&needle, round != 1);
		if (round == 0)
			assert_true(needle_count(&needle) > 0);
		secret_scrub_heap();
		assert_int_equal(needle_count(&needle), 0);
	}
#endif
}

static void
a_scrub_leaves_living_memory_alone(void **state)
{
	enum { N = 3000 };
	static char *p[N];

	(void)state;
	for (size_t i = 0; i < N; i++) {
		p[i] = xmalloc(1 + i);
		memset(p[i], (int)(i % 251), 1 + i);
	}
	for (size_t i = 0; i < N; i += 2) {
		free(p[i]);
		p[i] = NULL;
	}
	secret_scrub_heap();
	for (size_t i = 1; i < N; i += 2) {
		for (size_t k = 0; k < 1 + i; k++)
			assert_int_equal((uint8_t)p[i][k], i % 251);
		free(p[i]);
	}
}

static bool
no_more(int fd)
{
	(void)fd;
	return false;
}

static void
all_of_a_pipe_becomes_a_secret_with_a_nul_behind_it(void **state)
{
	char text[20000];
	struct secret *s;
	int fds[2];

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], text, sizeof(text)), sizeof(text));
	assert_null(secret_from_fd(fds[0], sizeof(text), no_more));
	assert_int_equal(errno, EINTR);
	close(fds[1]);
	s = secret_from_fd(fds[0], sizeof(text), NULL);
	assert_non_null(s);
	assert_true(secret_equal_bytes(s, text, sizeof(text)));
	assert_int_equal(secret_read(s)[sizeof(text)], 0);
	secret_free(s);
	close(fds[0]);
}

static void
more_than_wanted_is_refused(void **state)
{
	struct secret *s;
	int fds[2];

	(void)state;
	for (size_t max = 3; max <= 4; max++) {
		assert_int_equal(pipe(fds), 0);
		assert_int_equal(write(fds[1], "four", 4), 4);
		close(fds[1]);
		s = secret_from_fd(fds[0], max, NULL);
		assert_int_equal(s != NULL, max == 4);
		assert_true(s != NULL || errno == EFBIG);
		secret_free(s);
		close(fds[0]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_secret_is_zero_and_keeps_what_is_written),
		cmocka_unit_test(texts_are_joined_in_their_order),
		cmocka_unit_test(secrets_of_any_size_do_not_overlap),
		cmocka_unit_test(
		    small_secrets_share_pages_and_freed_room_is_zero_again),
		cmocka_unit_test(truncating_wipes_the_rest),
		cmocka_unit_test(equality_needs_the_same_length_and_bytes),
		cmocka_unit_test(
		    a_child_reads_a_secret_and_disturbs_none_of_its_parent),
		cmocka_unit_test(a_child_can_lock_what_it_inherited),
		cmocka_unit_test(
		    a_child_that_may_lock_nothing_reads_it_all_the_same),
		cmocka_unit_test(a_child_cannot_change_what_it_inherited),
		cmocka_unit_test(
		    a_child_that_was_taken_over_changes_its_own_copy_only),
		cmocka_unit_test(secrets_work_where_nothing_may_be_locked),
		cmocka_unit_test(what_may_be_locked_is_told),
		cmocka_unit_test(what_secrets_take_is_told),
		cmocka_unit_test(what_a_first_secret_takes_is_foretold),
		cmocka_unit_test(nobody_reads_beyond_the_memory_of_secrets),
		cmocka_unit_test(
		    a_hardened_process_leaves_no_core_and_cannot_be_traced),
		cmocka_unit_test(after_a_scrub_nothing_of_a_parsed_key_is_left),
		cmocka_unit_test(a_child_keeps_the_secrets_of_one_epoch_only),
		cmocka_unit_test(a_secret_of_a_new_epoch_lies_in_other_memory),
		cmocka_unit_test(a_scrub_leaves_living_memory_alone),
		cmocka_unit_test(
		    all_of_a_pipe_becomes_a_secret_with_a_nul_behind_it),
		cmocka_unit_test(more_than_wanted_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
