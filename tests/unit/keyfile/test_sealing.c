/*
 * What can be seen of a sealed file, and what is sealed into one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <unistd.h>

#include "base/buf.h"
#include "keyfile/sealing.h"

#define HEADER	"age-encryption.org/v1\n"
#define END	"--- bWFj\n"

static void
assert_look(const char *header, bool by_passphrase, size_t n_stanzas)
{
	bool armored, passphrase;
	size_t n;

	sealing_look((const uint8_t *)header, strlen(header), &armored,
	    &passphrase, &n);
	assert_false(armored);
	assert_int_equal(passphrase, by_passphrase);
	assert_int_equal(n, n_stanzas);
}

static void
recipients_are_counted_by_their_stanzas(void **state)
{
	(void)state;
	assert_look(HEADER "-> X25519 AAAA\nbody\n" END, false, 1);
	assert_look(HEADER "-> X25519 AAAA\nbody\n-> X25519 BBBB\nbody\n"
	    END "-> X25519 no header any more\n", false, 2);
}

static void
a_passphrase_is_seen(void **state)
{
	(void)state;
	assert_look(HEADER "-> scrypt AAAA 18\nbody\n" END, true, 1);
}

static void
grease_is_no_recipient(void **state)
{
	(void)state;
	assert_look(HEADER "-> X25519 AAAA\nbody\n-> ab-grease cd\nbody\n"
	    END, false, 1);
}

/* Collects what it is given, and counts its end. */
struct taker {
	struct buf all;
	unsigned ends;
};

static enum status
take(void *ctx, const uint8_t *p, size_t n)
{
	struct taker *t = ctx;

	buf_append(&t->all, p, n);
	t->ends += n == 0;
	return STATUS_OK;
}

static void
all_of_a_descriptor_is_handed_on_and_its_end_once(void **state)
{
	struct taker t = { .ends = 0 };
	const struct sealing_sink sink = { .push = take, .ctx = &t };
	int fds[2];

	(void)state;
	buf_init(&t.all, NULL);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "abcdef", 6), 6);
	assert_int_equal(close(fds[1]), 0);
	assert_int_equal(sealing_pump(fds[0], "sealing", sink), STATUS_OK);
	assert_true(text_eq(buf_text(&t.all), TEXT("abcdef")));
	assert_int_equal(t.ends, 1);
	(void)close(fds[0]);
	buf_release(&t.all);
}

static void
what_cannot_be_read_is_an_error(void **state)
{
	struct taker t = { .ends = 0 };
	const struct sealing_sink sink = { .push = take, .ctx = &t };

	(void)state;
	assert_int_equal(sealing_pump(-1, "sealing", sink), STATUS_SYSTEM);
	assert_int_equal(errno, EBADF);
	assert_int_equal(t.ends, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recipients_are_counted_by_their_stanzas),
		cmocka_unit_test(a_passphrase_is_seen),
		cmocka_unit_test(grease_is_no_recipient),
		cmocka_unit_test(
		    all_of_a_descriptor_is_handed_on_and_its_end_once),
		cmocka_unit_test(what_cannot_be_read_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
