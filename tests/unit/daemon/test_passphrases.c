/*
 * Passphrases that are asked for once and answer by themselves later.
 */
#include "daemon/passphrases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct fixture {
	struct conf_opening original;
	struct passphrases *passphrases;
	unsigned asked, tried;
	const char *said;		/* NULL: nobody answers */
};

static struct secret *
on_ask(void *ctx, const char *file)
{
	struct fixture *f = ctx;

	(void)file;
	f->asked++;
	return f->said != NULL ? secret_copy(f->said, strlen(f->said)) : NULL;
}

static void
on_tried(void *ctx)
{
	struct fixture *f = ctx;

	f->tried++;
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->original = (struct conf_opening){
		.identity = "identity",
		.ask = on_ask,
		.tried = on_tried,
		.ctx = f,
	};
	f->passphrases = passphrases_new(&f->original);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	passphrases_free(f->passphrases);
	free(f);
	return 0;
}

static struct secret *
ask(const struct fixture *f, const char *file)
{
	const struct conf_opening *o = passphrases_opening(f->passphrases);

	return o->ask(o->ctx, file);
}

static void
tell_tried(const struct fixture *f)
{
	const struct conf_opening *o = passphrases_opening(f->passphrases);

	o->tried(o->ctx);
}

/* NULL: there is none. */
static void
expect(const struct fixture *f, const char *file, const char *passphrase)
{
	struct secret *s = ask(f, file);

	if (passphrase == NULL)
		assert_null(s);
	else
		assert_true(secret_equal_bytes(s, passphrase,
		    strlen(passphrase)));
	secret_free(s);
}

/* What the original would be asked for, and says. */
static void
say(struct fixture *f, const char *file, const char *passphrase)
{
	f->said = passphrase;
	expect(f, file, passphrase);
}

static void
what_was_said_at_the_first_load_is_known_at_the_next(void **state)
{
	struct fixture *f = *state;

	say(f, "a", "sesame");
	say(f, "b", "mellon");
	tell_tried(f);
	assert_int_equal(f->asked, 2);
	assert_int_equal(f->tried, 1);
	passphrases_keep(f->passphrases);
	f->said = "another";
	for (unsigned i = 0; i < 2; i++) {
		expect(f, "a", "sesame");
		expect(f, "b", "mellon");
		tell_tried(f);
	}
	assert_int_equal(f->asked, 2);
	assert_int_equal(f->tried, 1);
}

static void
a_new_file_gets_the_only_one_there_is(void **state)
{
	struct fixture *f = *state;

	say(f, "a", "sesame");
	passphrases_keep(f->passphrases);
	expect(f, "new", "sesame");
}

static void
of_several_none_is_guessed(void **state)
{
	struct fixture *f = *state;

	say(f, "a", "sesame");
	say(f, "b", "mellon");
	passphrases_keep(f->passphrases);
	expect(f, "new", NULL);
}

static void
who_said_nothing_is_not_asked_later(void **state)
{
	struct fixture *f = *state;

	say(f, "a", NULL);
	passphrases_keep(f->passphrases);
	f->said = "too late";
	expect(f, "a", NULL);
	assert_int_equal(f->asked, 1);
	passphrases_prepare(f->passphrases);
}

static void
a_load_that_may_take_long_is_one_with_passphrases(void **state)
{
	struct fixture *f = *state;

	passphrases_keep(f->passphrases);
	passphrases_prepare(f->passphrases);
	passphrases_free(f->passphrases);
	f->passphrases = passphrases_new(&f->original);
	say(f, "a", "sesame");
	passphrases_keep(f->passphrases);
	passphrases_prepare(f->passphrases);
	expect(f, "a", "sesame");
}

static void
where_nobody_can_be_asked_nobody_is(void **state)
{
	struct fixture *f = *state;

	passphrases_free(f->passphrases);
	f->original.ask = NULL;
	f->original.tried = NULL;
	f->passphrases = passphrases_new(&f->original);
	assert_null(passphrases_opening(f->passphrases)->ask);
	assert_string_equal(passphrases_opening(f->passphrases)->identity,
	    "identity");
	tell_tried(f);
	passphrases_keep(f->passphrases);
	passphrases_prepare(f->passphrases);
}

/* -- memory -- */

#define GOT_IT	3
#define NOT_MAPPED 4

static void
on_segv(int number)
{
	(void)number;
	_exit(NOT_MAPPED);
}

/* In a worker of that epoch, of which nothing else is left. */
static void
try_as_worker(const struct fixture *f, unsigned epoch)
{
	struct secret *s;

	(void)signal(SIGSEGV, on_segv);
	secret_keep_epoch(epoch);
	s = ask(f, "a");
	_exit(s != NULL && secret_equal_bytes(s, "sesame", 6) ? GOT_IT : 1);
}

static int
as_worker(const struct fixture *f, unsigned epoch)
{
	int status;
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (pid == 0)
		try_as_worker(f, epoch);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
they_lie_in_memory_that_no_worker_has(void **state)
{
	struct fixture *f = *state;
	unsigned first = secret_next_epoch();
	struct secret *key;

	/* The key of that configuration, and what opened it. */
	key = secret_copy("key", 3);
	say(f, "a", "sesame");
	passphrases_keep(f->passphrases);
	assert_int_equal(as_worker(f, first), NOT_MAPPED);
	/* It is there where that epoch is kept: the test can tell. */
	assert_int_equal(as_worker(f, first + 1), GOT_IT);
	/* So it is after a reload's preparations, for its workers, too. */
	passphrases_prepare(f->passphrases);
	assert_int_equal(as_worker(f, secret_next_epoch()), NOT_MAPPED);
	secret_free(key);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(what_was_said_at_the_first_load_is_known_at_the_next),
		CASE(a_new_file_gets_the_only_one_there_is),
		CASE(of_several_none_is_guessed),
		CASE(who_said_nothing_is_not_asked_later),
		CASE(a_load_that_may_take_long_is_one_with_passphrases),
		CASE(where_nobody_can_be_asked_nobody_is),
		CASE(they_lie_in_memory_that_no_worker_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
