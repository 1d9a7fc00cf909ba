/*
 * Replacing files as a whole: the old or the new one, and nothing beside it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/replace.h"

static char folder[64], file[128];

/* Calls that fail as told: the n-th one from now on, or each from there. */
struct broken {
	unsigned when;		/* 0: none */
	bool onwards;
	int error;
	unsigned calls;
};

static struct broken bad_fsync, bad_linkat, bad_renameat, bad_renameat2;

static bool
fails(struct broken *b)
{
	b->calls++;
	if (b->when == 0 || b->calls < b->when ||
	    (b->calls > b->when && !b->onwards))
		return false;
	errno = b->error;
	return true;
}

int	__real_fsync(int);
int	__wrap_fsync(int);
int	__real_linkat(int, const char *, int, const char *, int);
int	__wrap_linkat(int, const char *, int, const char *, int);
int	__real_renameat(int, const char *, int, const char *);
int	__wrap_renameat(int, const char *, int, const char *);
long	__real_syscall(long, ...);
long	__wrap_syscall(long, ...);

int
__wrap_fsync(int fd)
{
	return fails(&bad_fsync) ? -1 : __real_fsync(fd);
}

int
__wrap_linkat(int a, const char *from, int b, const char *to, int flags)
{
	return fails(&bad_linkat) ? -1 : __real_linkat(a, from, b, to, flags);
}

int
__wrap_renameat(int a, const char *from, int b, const char *to)
{
	return fails(&bad_renameat) ? -1 : __real_renameat(a, from, b, to);
}

/* Of whatever has no function in the C library. */
long
__wrap_syscall(long number, ...)
{
	long v[5];
	va_list ap;

	va_start(ap, number);
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		v[i] = va_arg(ap, long);
	va_end(ap);
	if (number == SYS_renameat2 && fails(&bad_renameat2))
		return -1;
	return __real_syscall(number, v[0], v[1], v[2], v[3], v[4]);
}

static int
make_folder(void **state)
{
	(void)state;
	bad_fsync = bad_linkat = bad_renameat = bad_renameat2 =
	    (struct broken){ .when = 0 };
	strcpy(folder, "/tmp/sp-replace-XXXXXX");
	assert_non_null(mkdtemp(folder));
	(void)snprintf(file, sizeof(file), "%s/keys.age", folder);
	return 0;
}

static unsigned
count_files(void)
{
	DIR *d = opendir(folder);
	struct dirent *e;
	unsigned n = 0;

	while ((e = readdir(d)) != NULL)
		n += strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0;
	closedir(d);
	return n;
}

static int
remove_folder(void **state)
{
	DIR *d = opendir(folder);
	struct dirent *e;

	(void)state;
	while ((e = readdir(d)) != NULL)
		(void)unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
	return rmdir(folder);
}

static void
put(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void
assert_holds(const char *path, const char *text)
{
	char buf[256] = "";
	int fd = open(path, O_RDONLY);

	assert_true(fd >= 0);
	assert_true(read(fd, buf, sizeof(buf) - 1) >= 0);
	close(fd);
	assert_string_equal(buf, text);
}

static mode_t
mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static enum status
replace(const char *path, const char *text, enum replace_mode mode)
{
	struct replacement *r = NULL;
	enum status status = replace_begin(&r, path, mode);

	if (status != STATUS_OK)
		return status;
	status = replace_write(r, text, strlen(text));
	if (status == STATUS_OK)
		status = replace_commit(r);
	replace_end(r);
	return status;
}

static void
a_new_file_is_private(void **state)
{
	(void)state;
	assert_int_equal(replace(file, "new", REPLACE_EITHER), STATUS_OK);
	assert_holds(file, "new");
	assert_int_equal(mode_of(file), 0600);
	assert_int_equal(count_files(), 1);
}

static void
a_replaced_file_keeps_its_mode(void **state)
{
	(void)state;
	put(file, "old", 0640);
	assert_int_equal(replace(file, "new", REPLACE_EXISTING), STATUS_OK);
	assert_holds(file, "new");
	assert_int_equal(mode_of(file), 0640);
	assert_int_equal(count_files(), 1);
}

static void
a_file_that_is_there_is_not_made_anew(void **state)
{
	(void)state;
	put(file, "old", 0600);
	assert_int_equal(replace(file, "new", REPLACE_NEW), STATUS_SYSTEM);
	assert_int_equal(errno, EEXIST);
	assert_holds(file, "old");
}

/* A new one that may be shared, in a folder of this mode. */
static unsigned
mode_when_shared(mode_t of_folder)
{
	struct replacement *r;
	unsigned mode;

	assert_int_equal(chmod(folder, of_folder), 0);
	assert_int_equal(replace_begin(&r, file, REPLACE_NEW), STATUS_OK);
	assert_int_equal(replace_share(r), STATUS_OK);
	assert_int_equal(replace_commit(r), STATUS_OK);
	replace_end(r);
	mode = mode_of(file);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(chmod(folder, 0700), 0);
	return mode;
}

static void
only_a_folder_that_says_so_shares_with_its_group(void **state)
{
	(void)state;
	assert_int_equal(mode_when_shared(0750), 0600);
	assert_int_equal(mode_when_shared(S_ISGID | 0750), 0640);
}

static void
a_file_that_appears_meanwhile_is_not_overwritten(void **state)
{
	struct replacement *r;

	(void)state;
	assert_int_equal(replace_begin(&r, file, REPLACE_NEW), STATUS_OK);
	assert_int_equal(replace_write(r, "new", 3), STATUS_OK);
	put(file, "theirs", 0600);
	assert_int_equal(replace_commit(r), STATUS_SYSTEM);
	replace_end(r);
	assert_int_equal(errno, EEXIST);
	assert_holds(file, "theirs");
	assert_int_equal(count_files(), 1);
}

static void
a_file_that_is_missing_cannot_be_replaced(void **state)
{
	(void)state;
	assert_int_equal(replace(file, "new", REPLACE_EXISTING),
	    STATUS_SYSTEM);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(count_files(), 0);
}

static void
a_folder_that_is_missing_is_said_so(void **state)
{
	char *deep = xasprintf("%s/none/keys.age", folder);

	(void)state;
	assert_int_equal(replace(deep, "new", REPLACE_EITHER),
	    STATUS_SYSTEM);
	assert_int_equal(errno, ENOENT);
	free(deep);
}

static void
an_abandoned_replacement_changes_nothing(void **state)
{
	struct replacement *r;

	(void)state;
	put(file, "old", 0600);
	assert_int_equal(replace_begin(&r, file, REPLACE_EXISTING),
	    STATUS_OK);
	assert_int_equal(replace_write(r, "new", 3), STATUS_OK);
	assert_int_equal(replace_settle(r), STATUS_OK);
	replace_end(r);
	assert_holds(file, "old");
	assert_int_equal(count_files(), 1);
}

static void
the_target_of_a_link_is_replaced_and_the_link_kept(void **state)
{
	char *link = xasprintf("%s/link", folder);
	struct stat st;

	(void)state;
	put(file, "old", 0600);
	assert_int_equal(symlink("keys.age", link), 0);
	assert_int_equal(replace(link, "new", REPLACE_EXISTING), STATUS_OK);
	assert_holds(file, "new");
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	free(link);
}

static void
a_link_to_nothing_is_refused(void **state)
{
	(void)state;
	assert_int_equal(symlink("nowhere", file), 0);
	assert_int_equal(replace(file, "new", REPLACE_EITHER),
	    STATUS_SYSTEM);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(count_files(), 1);
}

static void
what_a_killed_process_left_is_swept_away(void **state)
{
	pid_t child = fork();
	int how;

	(void)state;
	if (child == 0) {
		struct replacement *r;

		if (replace_begin(&r, file, REPLACE_EITHER) == STATUS_OK)
			(void)kill(getpid(), SIGKILL);
		_exit(1);
	}
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_true(WIFSIGNALED(how));
	assert_int_equal(count_files(), 1);
	assert_int_equal(replace(file, "new", REPLACE_EITHER), STATUS_OK);
	assert_int_equal(count_files(), 1);
	assert_holds(file, "new");
}

static void
what_another_process_is_writing_is_left_alone(void **state)
{
	struct replacement *first, *second;

	(void)state;
	assert_int_equal(replace_begin(&first, file, REPLACE_EITHER),
	    STATUS_OK);
	assert_int_equal(replace_begin(&second, file, REPLACE_EITHER),
	    STATUS_OK);
	assert_int_equal(count_files(), 2);
	assert_int_equal(replace_write(first, "first", 5), STATUS_OK);
	assert_int_equal(replace_commit(first), STATUS_OK);
	replace_end(first);
	assert_holds(file, "first");
	replace_end(second);
	assert_int_equal(count_files(), 1);
}

static void
files_of_others_are_not_swept_away(void **state)
{
	char *similar = xasprintf("%s/.keys.age.sallyport-notes", folder);

	(void)state;
	put(similar, "mine", 0600);
	assert_int_equal(replace(file, "new", REPLACE_EITHER), STATUS_OK);
	assert_holds(similar, "mine");
	assert_int_equal(unlink(similar), 0);
	free(similar);
}

/* In a process of its own: a limit that was lowered may not be raised. */
static int
write_too_much(void)
{
	const struct rlimit small = { .rlim_cur = 10, .rlim_max = 10 };
	struct replacement *r;
	enum status status;

	(void)signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &small) != 0 ||
	    replace_begin(&r, file, REPLACE_EXISTING) != STATUS_OK)
		return 1;
	status = replace_write(r, "a text of 24 characters.", 24);
	replace_end(r);
	return status == STATUS_SYSTEM && errno == EFBIG ? 0 : 2;
}

static void
a_file_that_does_not_fit_leaves_the_old_one_whole(void **state)
{
	pid_t child;
	int how;

	(void)state;
	put(file, "old", 0600);
	child = fork();
	if (child == 0)
		_exit(write_too_much());
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_true(WIFEXITED(how));
	assert_int_equal(WEXITSTATUS(how), 0);
	assert_holds(file, "old");
	assert_int_equal(count_files(), 1);
}

static void
a_lock_keeps_others_out_until_it_is_closed(void **state)
{
	int first, second;

	(void)state;
	put(file, "old", 0600);
	assert_int_equal(replace_lock(file, 0, &first), STATUS_OK);
	assert_int_equal(replace_lock(file, 0, &second), STATUS_SYSTEM);
	assert_int_equal(errno, EWOULDBLOCK);
	close(first);
	assert_int_equal(replace_lock(file, 0, &second), STATUS_OK);
	close(second);
}

static void
a_lock_is_on_the_file_that_has_the_name(void **state)
{
	int first, second;

	(void)state;
	put(file, "old", 0600);
	assert_int_equal(replace_lock(file, 0, &first), STATUS_OK);
	assert_int_equal(replace(file, "new", REPLACE_EXISTING), STATUS_OK);
	assert_int_equal(replace_lock(file, 0, &second), STATUS_OK);
	close(first);
	close(second);
}

/* What fails at the end. */

/* Commits, which must fail by EIO; what it says is left. */
static const char *
left_by(const char *text, enum replace_mode mode)
{
	struct replacement *r = NULL;
	const char *left;

	assert_int_equal(replace_begin(&r, file, mode), STATUS_OK);
	assert_int_equal(replace_write(r, text, strlen(text)), STATUS_OK);
	assert_int_equal(replace_commit(r), STATUS_SYSTEM);
	assert_int_equal(errno, EIO);
	left = replace_left(r);
	replace_end(r);
	assert_int_equal(errno, EIO);
	return left;
}

static void
a_folder_that_cannot_be_synced_has_the_old_file_again(void **state)
{
	struct stat before, after;

	(void)state;
	put(file, "old", 0640);
	assert_int_equal(stat(file, &before), 0);
	bad_fsync = (struct broken){ .when = 2, .error = EIO };
	assert_string_equal(left_by("new", REPLACE_EXISTING),
	    "the old file is unchanged");
	assert_int_equal(bad_fsync.calls, 3);
	assert_holds(file, "old");
	assert_int_equal(stat(file, &after), 0);
	assert_int_equal(after.st_ino, before.st_ino);
	assert_int_equal(after.st_nlink, 1);
	assert_int_equal(count_files(), 1);
}

static void
a_folder_that_can_never_be_synced_is_said_so(void **state)
{
	(void)state;
	put(file, "old", 0600);
	bad_fsync = (struct broken){ .when = 2, .onwards = true,
		.error = EIO };
	assert_string_equal(left_by("new", REPLACE_EXISTING),
	    "the old file is there again, but the new one may be after a "
	    "crash of the machine");
	assert_holds(file, "old");
	assert_int_equal(count_files(), 1);
}

static void
a_new_file_whose_folder_cannot_be_synced_is_gone_again(void **state)
{
	(void)state;
	bad_fsync = (struct broken){ .when = 2, .error = EIO };
	assert_string_equal(left_by("new", REPLACE_NEW), "no file was made");
	assert_int_equal(count_files(), 0);
	bad_fsync = (struct broken){ .when = 2, .error = EIO };
	assert_string_equal(left_by("new", REPLACE_EITHER),
	    "no file was made");
	assert_int_equal(count_files(), 0);
}

static void
a_new_file_that_cannot_be_put_back_is_said_to_be_there(void **state)
{
	(void)state;
	put(file, "old", 0600);
	bad_fsync = (struct broken){ .when = 2, .error = EIO };
	bad_renameat = (struct broken){ .when = 2, .error = EACCES };
	assert_string_equal(left_by("new", REPLACE_EXISTING),
	    "the new file is there, but a crash of the machine may undo "
	    "that");
	assert_holds(file, "new");
	assert_int_equal(count_files(), 1);
}

static void
a_file_that_cannot_be_renamed_changes_nothing(void **state)
{
	(void)state;
	put(file, "old", 0600);
	bad_renameat = (struct broken){ .when = 1, .error = EIO };
	assert_string_equal(left_by("new", REPLACE_EXISTING),
	    "the old file is unchanged");
	assert_holds(file, "old");
	assert_int_equal(count_files(), 1);
}

static void
what_was_committed_can_be_undone(void **state)
{
	struct replacement *r;

	(void)state;
	put(file, "old", 0600);
	assert_int_equal(replace_begin(&r, file, REPLACE_EITHER), STATUS_OK);
	assert_int_equal(replace_write(r, "new", 3), STATUS_OK);
	assert_int_equal(replace_undo(r), STATUS_OK);
	assert_int_equal(replace_commit(r), STATUS_OK);
	assert_holds(file, "new");
	assert_string_equal(replace_left(r), "the new file is there");
	assert_int_equal(replace_undo(r), STATUS_OK);
	assert_holds(file, "old");
	assert_int_equal(replace_undo(r), STATUS_OK);
	replace_end(r);
	assert_holds(file, "old");
	assert_int_equal(count_files(), 1);
}

static void
undoing_leaves_what_others_put_there(void **state)
{
	struct replacement *r;

	(void)state;
	put(file, "old", 0600);
	assert_int_equal(replace_begin(&r, file, REPLACE_EXISTING),
	    STATUS_OK);
	assert_int_equal(replace_commit(r), STATUS_OK);
	assert_int_equal(unlink(file), 0);
	put(file, "theirs", 0600);
	assert_int_equal(replace_undo(r), STATUS_SYSTEM);
	assert_int_equal(errno, ESTALE);
	assert_non_null(strstr(replace_left(r), "another program"));
	replace_end(r);
	assert_holds(file, "theirs");
	assert_int_equal(count_files(), 1);
}

static void
without_hard_links_the_old_file_is_kept_as_a_copy(void **state)
{
	struct replacement *r;

	(void)state;
	put(file, "old", 0640);
	bad_linkat = (struct broken){ .when = 1, .onwards = true,
		.error = EPERM };
	assert_int_equal(replace_begin(&r, file, REPLACE_EXISTING),
	    STATUS_OK);
	assert_int_equal(replace_write(r, "new", 3), STATUS_OK);
	assert_int_equal(replace_settle(r), STATUS_OK);
	assert_int_equal(count_files(), 3);
	assert_int_equal(replace_commit(r), STATUS_OK);
	assert_holds(file, "new");
	assert_int_equal(replace_undo(r), STATUS_OK);
	replace_end(r);
	assert_holds(file, "old");
	assert_int_equal(mode_of(file), 0640);
	assert_int_equal(count_files(), 1);
	assert_int_equal(replace(file, "new", REPLACE_EXISTING), STATUS_OK);
	assert_holds(file, "new");
	assert_int_equal(count_files(), 1);
}

static void
a_copy_of_the_old_file_that_fails_changes_nothing(void **state)
{
	(void)state;
	put(file, "old", 0600);
	bad_linkat = (struct broken){ .when = 1, .error = EPERM };
	bad_fsync = (struct broken){ .when = 2, .error = EIO };
	assert_string_equal(left_by("new", REPLACE_EXISTING),
	    "the old file is unchanged");
	assert_holds(file, "old");
	assert_int_equal(count_files(), 1);
}

static void
a_new_file_needs_no_modern_rename(void **state)
{
	(void)state;
	bad_renameat2 = (struct broken){ .when = 1, .onwards = true,
		.error = EINVAL };
	assert_int_equal(replace(file, "new", REPLACE_NEW), STATUS_OK);
	assert_holds(file, "new");
	assert_int_equal(replace(file, "newer", REPLACE_NEW), STATUS_SYSTEM);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(count_files(), 1);
}

static void
a_new_file_needs_neither_a_modern_rename_nor_hard_links(void **state)
{
	(void)state;
	bad_renameat2 = (struct broken){ .when = 1, .onwards = true,
		.error = ENOSYS };
	bad_linkat = (struct broken){ .when = 1, .onwards = true,
		.error = EPERM };
	assert_int_equal(replace(file, "new", REPLACE_NEW), STATUS_OK);
	assert_int_equal(bad_linkat.calls, 1);
	assert_holds(file, "new");
	assert_int_equal(replace(file, "newer", REPLACE_NEW), STATUS_SYSTEM);
	assert_int_equal(errno, EEXIST);
	assert_holds(file, "new");
	assert_int_equal(count_files(), 1);
}

static void
a_file_that_appears_meanwhile_stays_whatever_the_file_system(void **state)
{
	static const int errors[] = { 0, EPERM };

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		struct replacement *r;

		assert_int_equal(replace_begin(&r, file, REPLACE_NEW),
		    STATUS_OK);
		put(file, "theirs", 0600);
		bad_renameat2 = (struct broken){ .when = 1, .error = EINVAL };
		bad_linkat = (struct broken){ .when = errors[i] != 0,
			.error = errors[i] };
		assert_int_equal(replace_commit(r), STATUS_SYSTEM);
		assert_int_equal(errno, EEXIST);
		replace_end(r);
		assert_holds(file, "theirs");
		assert_int_equal(count_files(), 1);
		assert_int_equal(unlink(file), 0);
	}
}

static void
a_new_file_whose_place_cannot_be_taken_leaves_none(void **state)
{
	(void)state;
	bad_renameat2 = (struct broken){ .when = 1, .error = ENOSYS };
	bad_linkat = (struct broken){ .when = 1, .error = EPERM };
	bad_renameat = (struct broken){ .when = 1, .error = EIO };
	assert_string_equal(left_by("new", REPLACE_NEW), "no file was made");
	assert_int_equal(count_files(), 0);
}

static void
a_folder_that_knows_no_sync_is_no_failure(void **state)
{
	(void)state;
	put(file, "old", 0600);
	bad_fsync = (struct broken){ .when = 2, .onwards = true,
		.error = EINVAL };
	assert_int_equal(replace(file, "new", REPLACE_EXISTING), STATUS_OK);
	assert_holds(file, "new");
}

/* In a process that dies at a moment between commit and end. */
static void
a_kept_file_that_was_left_is_swept_away(void **state)
{
	pid_t child;
	int how;

	(void)state;
	put(file, "old", 0600);
	child = fork();
	if (child == 0) {
		struct replacement *r;

		if (replace_begin(&r, file, REPLACE_EXISTING) == STATUS_OK &&
		    replace_commit(r) == STATUS_OK)
			(void)kill(getpid(), SIGKILL);
		_exit(1);
	}
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_true(WIFSIGNALED(how));
	assert_holds(file, "");
	assert_int_equal(count_files(), 2);
	assert_int_equal(replace(file, "newer", REPLACE_EXISTING), STATUS_OK);
	assert_holds(file, "newer");
	assert_int_equal(count_files(), 1);
}

static void
a_kept_file_in_use_is_not_swept_away(void **state)
{
	struct replacement *first, *second;

	(void)state;
	put(file, "old", 0600);
	assert_int_equal(replace_begin(&first, file, REPLACE_EXISTING),
	    STATUS_OK);
	assert_int_equal(replace_settle(first), STATUS_OK);
	assert_int_equal(replace_begin(&second, file, REPLACE_EXISTING),
	    STATUS_OK);
	replace_end(second);
	assert_int_equal(replace_commit(first), STATUS_OK);
	assert_int_equal(replace_undo(first), STATUS_OK);
	replace_end(first);
	assert_holds(file, "old");
	assert_int_equal(count_files(), 1);
}

#define CASE(f)	cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_new_file_is_private),
		CASE(a_replaced_file_keeps_its_mode),
		CASE(a_file_that_is_there_is_not_made_anew),
		CASE(only_a_folder_that_says_so_shares_with_its_group),
		CASE(a_file_that_appears_meanwhile_is_not_overwritten),
		CASE(a_file_that_is_missing_cannot_be_replaced),
		CASE(a_folder_that_is_missing_is_said_so),
		CASE(an_abandoned_replacement_changes_nothing),
		CASE(the_target_of_a_link_is_replaced_and_the_link_kept),
		CASE(a_link_to_nothing_is_refused),
		CASE(what_a_killed_process_left_is_swept_away),
		CASE(what_another_process_is_writing_is_left_alone),
		CASE(files_of_others_are_not_swept_away),
		CASE(a_file_that_does_not_fit_leaves_the_old_one_whole),
		CASE(a_lock_keeps_others_out_until_it_is_closed),
		CASE(a_lock_is_on_the_file_that_has_the_name),
		CASE(a_folder_that_cannot_be_synced_has_the_old_file_again),
		CASE(a_folder_that_can_never_be_synced_is_said_so),
		CASE(a_new_file_whose_folder_cannot_be_synced_is_gone_again),
		CASE(a_new_file_that_cannot_be_put_back_is_said_to_be_there),
		CASE(a_file_that_cannot_be_renamed_changes_nothing),
		CASE(what_was_committed_can_be_undone),
		CASE(undoing_leaves_what_others_put_there),
		CASE(without_hard_links_the_old_file_is_kept_as_a_copy),
		CASE(a_copy_of_the_old_file_that_fails_changes_nothing),
		CASE(a_new_file_needs_no_modern_rename),
		CASE(a_new_file_needs_neither_a_modern_rename_nor_hard_links),
		CASE(a_file_that_appears_meanwhile_stays_whatever_the_file_system),
		CASE(a_new_file_whose_place_cannot_be_taken_leaves_none),
		CASE(a_folder_that_knows_no_sync_is_no_failure),
		CASE(a_kept_file_that_was_left_is_swept_away),
		CASE(a_kept_file_in_use_is_not_swept_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
