/*
 * conf/credential: where systemd puts what it passes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* cmocka.h needs four of the above. */
#include <cmocka.h>

#include "base/alloc.h"
#include "conf/credential.h"

static char folder[] = "/tmp/sallyport-credential-XXXXXX";
static char *identity;

static int
setup(void **state)
{
	(void)state;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	identity = xasprintf("%s/" CREDENTIAL_IDENTITY, folder);
	return setenv("CREDENTIALS_DIRECTORY", folder, 1);
}

static int
teardown(void **state)
{
	(void)state;
	(void)unlink(identity);
	free(identity);
	return unsetenv("CREDENTIALS_DIRECTORY") != 0 || rmdir(folder) != 0;
}

static void
pass_identity(void)
{
	FILE *f = fopen(identity, "w");

	assert_non_null(f);
	assert_int_equal(fclose(f), 0);
}

static void
the_identity_is_found_where_it_was_passed(void **state)
{
	char *path = credential_identity();

	(void)state;
	assert_true(credential_is_there());
	assert_null(path);
	pass_identity();
	path = credential_identity();
	assert_non_null(path);
	assert_string_equal(path, identity);
	free(path);
}

static void
nothing_is_passed_without_an_absolute_folder(void **state)
{
	(void)state;
	pass_identity();
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", folder + 1, 1), 0);
	assert_false(credential_is_there());
	assert_false(credential_owns(identity));
	assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
	assert_false(credential_is_there());
	/* Unless this machine has the service, and root asks. */
	if (access(CREDENTIAL_STORE "/" CREDENTIAL_IDENTITY, R_OK) != 0)
		assert_null(credential_identity());
	assert_false(credential_owns(identity));
}

static void
what_is_below_the_folder_is_a_credential_and_nothing_else(void **state)
{
	char *beside = xasprintf("%s-2/x", folder);
	char *out = xasprintf("%s/../x", folder);

	(void)state;
	assert_true(credential_owns(identity));
	assert_false(credential_owns(folder));
	assert_false(credential_owns(beside));
	assert_false(credential_owns(out));
	assert_false(credential_owns("/etc/sallyport/identity"));
	free(beside);
	free(out);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_identity_is_found_where_it_was_passed),
		TEST(nothing_is_passed_without_an_absolute_folder),
		TEST(what_is_below_the_folder_is_a_credential_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
