/*
 * Opening files, and who else may have to do with them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"

#define STRANGER	54321

static char folder[64];
static struct file_judge judge;

/* A folder of ours, in which we are; /tmp is sticky. */
static int
enter_folder(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/sp-file-XXXXXX");
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	return 0;
}

static int
leave_folder(void **state)
{
	char *command = xasprintf("rm -rf %s", folder);

	(void)state;
	file_judge_free(&judge);
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(system(command), 0);
	free(command);
	return 0;
}

static void
put(const char *path, mode_t mode)
{
	int fd;

	(void)unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "text", 4), 4);
	close(fd);
	assert_int_equal(chmod(path, mode), 0);
}

static void
make_folder(const char *path, mode_t mode)
{
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chmod(path, mode), 0);
}

/* What is said of it; the reason why it is refused, or NULL. */
static const char *
try_as(const char *path, enum file_role role, struct file_us us)
{
	const struct file_request r = { .path = path, .kind = FILE_REGULAR,
		.role = role, .us = us };
	int fd;

	file_judge_free(&judge);
	fd = file_open(&r, &judge);
	assert_int_equal(fd < 0, judge.why != NULL);
	if (fd >= 0)
		close(fd);
	return judge.why;
}

static const char *
try(const char *path, enum file_role role)
{
	return try_as(path, role, (struct file_us){ .user = false });
}

static void
accepts(const char *path, enum file_role role)
{
	assert_null(try(path, role));
	assert_null(judge.warning);
	assert_null(judge.folder);
}

static void
refuses(const char *path, enum file_role role, const char *why)
{
	const char *said = try(path, role);

	if (said == NULL || strstr(said, why) == NULL)
		fail_msg("%s: %s, expected: %s", path,
		    said != NULL ? said : "taken", why);
}

/* Walking. */

static void
a_path_may_have_dots_and_slashes_and_links(void **state)
{
	(void)state;
	make_folder("a", 0755);
	put("a/file", 0600);
	assert_int_equal(symlink("a", "link"), 0);
	assert_int_equal(symlink("../link/file", "a/again"), 0);
	assert_int_equal(symlink(folder, "absolute"), 0);
	accepts("a/file", FILE_OBEYED);
	accepts("./a//./file", FILE_OBEYED);
	accepts("a/../a/file", FILE_OBEYED);
	accepts("link/again", FILE_OBEYED);
	accepts("absolute/link/again", FILE_OBEYED);
	assert_int_equal(chdir("a"), 0);
	accepts("../a/file", FILE_OBEYED);
}

static void
what_open_says_is_said(void **state)
{
	(void)state;
	put("file", 0600);
	make_folder("a", 0755);
	assert_int_equal(symlink("nowhere", "dangling"), 0);
	assert_int_equal(symlink("round", "round"), 0);
	refuses("none", FILE_OBEYED, "No such file or directory");
	refuses("", FILE_OBEYED, "No such file or directory");
	refuses("dangling", FILE_OBEYED, "No such file or directory");
	refuses("round", FILE_OBEYED, "Too many levels");
	refuses("file/", FILE_OBEYED, "Not a directory");
	refuses("file/more", FILE_OBEYED, "Not a directory");
	refuses("a", FILE_OBEYED, "is a directory");
	refuses("a/", FILE_OBEYED, "is a directory");
	refuses("/", FILE_OBEYED, "is a directory");
	refuses(".", FILE_OBEYED, "is a directory");
}

static void
a_descriptor_that_was_passed_is_opened_by_its_link(void **state)
{
	struct file_request r = { .kind = FILE_PASSED,
		.role = FILE_OBEYED };
	int fds[2], fd;
	char *path;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	path = xasprintf("/dev/fd/%d", fds[0]);
	r.path = path;
	fd = file_open(&r, &judge);
	assert_true(fd >= 0);
	close(fd);
	close(fds[0]);
	close(fds[1]);
	free(path);
}

/* Writing. */

static void
a_file_that_everybody_may_write_is_refused(void **state)
{
	(void)state;
	put("file", 0644);
	accepts("file", FILE_OBEYED);
	put("file", 0646);
	refuses("file", FILE_OBEYED, "everybody may write it");
	accepts("file", FILE_DATA);
	assert_int_equal(symlink("file", "link"), 0);
	refuses("link", FILE_OBEYED, "everybody may write it");
}

static void
a_file_that_a_group_may_write_is_warned_of(void **state)
{
	(void)state;
	put("file", 0664);
	assert_null(try("file", FILE_OBEYED));
	assert_non_null(strstr(judge.warning, "its group may write it"));
	assert_null(judge.folder);
}

static void
a_folder_that_everybody_may_write_is_refused(void **state)
{
	(void)state;
	make_folder("open", 0777);
	make_folder("open/below", 0755);
	make_folder("shut", 0755);
	put("open/file", 0600);
	put("open/below/file", 0600);
	assert_int_equal(symlink("../open/below/file", "shut/link"), 0);
	assert_int_equal(symlink("../shut/file", "open/link"), 0);
	put("shut/file", 0600);
	accepts("shut/file", FILE_OBEYED);
	refuses("open/file", FILE_OBEYED, "everybody may write the folder");
	refuses("open/file", FILE_SECRET, "everybody may write the folder");
	/* On the way, whichever way that is. */
	refuses("open/below/file", FILE_OBEYED, "/open (mode 0777)");
	refuses("shut/link", FILE_OBEYED, "/open (mode 0777)");
	refuses("open/link", FILE_OBEYED, "/open (mode 0777)");
	refuses("open/../shut/file", FILE_OBEYED, "/open (mode 0777)");
	accepts("open/file", FILE_DATA);
	assert_int_equal(chdir("open/below"), 0);
	refuses("file", FILE_OBEYED, "/open (mode 0777)");
}

static void
a_sticky_folder_that_everybody_may_write_will_do(void **state)
{
	(void)state;
	make_folder("open", 01777);
	put("open/file", 0600);
	accepts("open/file", FILE_OBEYED);
	accepts("open/file", FILE_SECRET);
}

static void
a_folder_that_a_group_may_write_is_warned_of(void **state)
{
	(void)state;
	make_folder("team", 0775);
	put("team/file", 0600);
	assert_null(try("team/file", FILE_OBEYED));
	assert_null(judge.warning);
	assert_non_null(strstr(judge.folder, "/team"));
	assert_non_null(strstr(judge.folder_warning, "group may write"));
	assert_int_equal(chmod("team", 01775), 0);
	accepts("team/file", FILE_OBEYED);
}

static void
in_a_sticky_folder_only_our_files_and_roots_count(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	make_folder("open", 01777);
	put("open/file", 0644);
	assert_int_equal(symlink("file", "open/link"), 0);
	assert_int_equal(lchown("open/link", STRANGER, STRANGER), 0);
	refuses("open/link", FILE_OBEYED, "belongs to user 54321");
	assert_int_equal(chown("open/file", STRANGER, STRANGER), 0);
	refuses("open/file", FILE_OBEYED, "belongs to user 54321");
	assert_null(try_as("open/file", FILE_OBEYED, (struct file_us){
	    .user = true, .uid = STRANGER }));
	accepts("open/file", FILE_DATA);
}

/* A relative path from a working directory in it goes through it as well. */
static void
in_a_sticky_folder_only_our_folders_and_roots_count(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	make_folder("open", 01777);
	make_folder("open/his", 0755);
	make_folder("open/his/inner", 0755);
	put("open/his/inner/file", 0644);
	accepts("open/his/inner/file", FILE_OBEYED);
	assert_int_equal(chown("open/his/inner", STRANGER, STRANGER), 0);
	accepts("open/his/inner/file", FILE_OBEYED);
	assert_int_equal(chown("open/his", STRANGER, STRANGER), 0);
	refuses("open/his/inner/file", FILE_OBEYED, "a folder on the way to "
	    "it lies in a folder that everybody may write, and belongs to "
	    "user 54321");
	refuses("open/his/inner/../inner/file", FILE_SECRET, "a folder on");
	assert_null(try_as("open/his/inner/file", FILE_OBEYED,
	    (struct file_us){ .user = true, .uid = STRANGER }));
	for (int up = 0; up < 2; up++) {
		assert_int_equal(chdir(up == 0 ? "open/his/inner" : ".."), 0);
		refuses(up == 0 ? "file" : "inner/file", FILE_OBEYED,
		    "a folder on the way to it lies in");
	}
	assert_int_equal(chdir("../.."), 0);
}

/* In a process that sees the mount. */
static void
what_lies_on_a_read_only_file_system_cannot_be_written(void **state)
{
	(void)state;
	/* A root that is no mount, as that of chroot(2), cannot hide any. */
	if (geteuid() != 0 || unshare(CLONE_NEWNS) != 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		skip();
	make_folder("open", 0777);
	put("open/file", 0666);
	refuses("open/file", FILE_OBEYED, "everybody may write");
	assert_int_equal(mount("open", "open", NULL, MS_BIND, NULL), 0);
	refuses("open/file", FILE_OBEYED, "everybody may write");
	assert_int_equal(mount(NULL, "open", NULL, MS_BIND | MS_REMOUNT |
	    MS_RDONLY, NULL), 0);
	accepts("open/file", FILE_OBEYED);
	refuses("open/file", FILE_SECRET, "group or others may use it");
	assert_int_equal(umount("open"), 0);
}

/* Reading. */

static void
a_secret_that_others_may_use_is_refused(void **state)
{
	(void)state;
	put("file", 0600);
	accepts("file", FILE_SECRET);
	put("file", 0400);
	accepts("file", FILE_SECRET);
	put("file", 0604);
	refuses("file", FILE_SECRET, "others may use it: chmod 600");
	assert_non_null(strstr(judge.why, "'defaultMode: 0440'"));
	assert_non_null(strstr(judge.why, "'mode: 0440'"));
	assert_non_null(strstr(judge.why, "CREDENTIALS_DIRECTORY"));
	refuses("file", FILE_CREDENTIAL, "others may use it");
	put("file", 0440);
	accepts("file", FILE_CREDENTIAL);
	if (geteuid() != 0)
		refuses("file", FILE_SECRET, "only root may own what");
}

static void
a_secret_of_roots_may_be_read_by_a_group_of_ours(void **state)
{
	const struct file_us sallyport = { .group = true, .gid = STRANGER };

	(void)state;
	if (geteuid() != 0)
		skip();
	put("file", 0440);
	accepts("file", FILE_SECRET);
	put("file", 0460);
	refuses("file", FILE_SECRET, "no group may write it");
	put("file", 0440);
	assert_int_equal(chown("file", 0, STRANGER), 0);
	refuses("file", FILE_SECRET, "its group is none of ours");
	assert_null(try_as("file", FILE_SECRET, sallyport));
	assert_int_equal(chown("file", STRANGER, 0), 0);
	refuses("file", FILE_SECRET, "belongs to user 54321");
	assert_int_equal(chmod("file", 0600), 0);
	refuses("file", FILE_SECRET, "belongs to user 54321");
	assert_null(try_as("file", FILE_SECRET, (struct file_us){
	    .user = true, .uid = STRANGER }));
}

#define CASE(f)	cmocka_unit_test_setup_teardown(f, enter_folder, leave_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_path_may_have_dots_and_slashes_and_links),
		CASE(what_open_says_is_said),
		CASE(a_descriptor_that_was_passed_is_opened_by_its_link),
		CASE(a_file_that_everybody_may_write_is_refused),
		CASE(a_file_that_a_group_may_write_is_warned_of),
		CASE(a_folder_that_everybody_may_write_is_refused),
		CASE(a_sticky_folder_that_everybody_may_write_will_do),
		CASE(a_folder_that_a_group_may_write_is_warned_of),
		CASE(in_a_sticky_folder_only_our_files_and_roots_count),
		CASE(in_a_sticky_folder_only_our_folders_and_roots_count),
		CASE(a_secret_that_others_may_use_is_refused),
		CASE(a_secret_of_roots_may_be_read_by_a_group_of_ours),
		/* The last one: it leaves the mounts of the others. */
		CASE(what_lies_on_a_read_only_file_system_cannot_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
