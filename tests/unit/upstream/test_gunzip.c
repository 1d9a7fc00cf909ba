/*
 * upstream/gunzip: what is made of compressed bytes, and of damaged ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "../../lib/gzip.h"
#include "base/alloc.h"
#include "upstream/gunzip.h"

#define WORDS	TEXT("the key has expired, the key has expired")

static void
what_was_compressed_comes_back(void **state)
{
	char out[100];
	size_t n;
	char *z = gzip_of(WORDS, &n);

	(void)state;
	assert_int_equal(gunzip((struct text){ .p = z, .n = n }, out,
	    sizeof(out)), WORDS.n);
	assert_memory_equal(out, WORDS.p, WORDS.n);
	free(z);
}

static void
a_text_cut_anywhere_gives_its_beginning(void **state)
{
	char out[100];
	size_t n, got;
	char *z = gzip_of(WORDS, &n);

	(void)state;
	for (size_t cut = 0; cut < n; cut++) {
		/* Of its own, so that reading too far is seen. */
		char *part = xmalloc(cut);

		memcpy(part, z, cut);
		got = gunzip((struct text){ .p = part, .n = cut }, out,
		    sizeof(out));
		assert_true(got <= WORDS.n);
		assert_memory_equal(out, WORDS.p, got);
		free(part);
	}
	free(z);
}

static void
damage_gives_no_more_than_there_is_room_for(void **state)
{
	char out[100];
	size_t n;
	char *z = gzip_of(WORDS, &n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		z[i] ^= 0x55;
		assert_true(gunzip((struct text){ .p = z, .n = n }, out,
		    sizeof(out)) <= sizeof(out));
		z[i] ^= 0x55;
	}
	assert_int_equal(gunzip(TEXT("not compressed"), out, sizeof(out)), 0);
	free(z);
}

static void
of_a_bomb_only_the_beginning_is_made(void **state)
{
	const size_t huge = 8 << 20;
	char *zeros = xcalloc(huge, 1), out[64] = "";
	size_t n;
	char *z = gzip_of((struct text){ .p = zeros, .n = huge }, &n);

	(void)state;
	memset(out, 'x', sizeof(out));
	assert_true(n < 9000);
	assert_int_equal(gunzip((struct text){ .p = z, .n = n }, out, 32), 32);
	assert_int_equal(out[31], 0);
	assert_int_equal(out[32], 'x');
	free(z);
	free(zeros);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_compressed_comes_back),
		cmocka_unit_test(a_text_cut_anywhere_gives_its_beginning),
		cmocka_unit_test(damage_gives_no_more_than_there_is_room_for),
		cmocka_unit_test(of_a_bomb_only_the_beginning_is_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
