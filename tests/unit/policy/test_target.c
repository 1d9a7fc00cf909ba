/*
 * policy/target: what clients send raw goes on encoded.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include "policy/target.h"

static void
what_clients_send_raw_is_encoded_and_nothing_else(void **state)
{
	static const struct {
		struct text sent, encoded;
	} cases[] = {
		{ TEXT("/"), TEXT("/") },
		{ TEXT("*"), TEXT("*") },
		{ TEXT("/a%2fb;c?d=%7b"), TEXT("/a%2fb;c?d=%7b") },
		{ TEXT("/{}[]|^`"), TEXT("/%7B%7D%5B%5D%7C%5E%60") },
		{ TEXT("/?{}[]|^`\"<>\\"),
		  TEXT("/?%7B%7D%5B%5D%7C%5E%60%22%3C%3E%5C") },
		{ TEXT("/a?b?{"), TEXT("/a?b?%7B") },
		{ TEXT("/%{"), TEXT("/%%7B") },
	};
	struct blocks *blocks = blocks_new(4096, 1);
	struct arena arena;

	(void)state;
	arena_init(&arena, blocks);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct text t = target_encode(cases[i].sent, &arena);

		if (!text_eq(t, cases[i].encoded))
			fail_msg("%.*s: %.*s", TEXT_ARG(cases[i].sent),
			    TEXT_ARG(t));
		/* It is done once: another time changes nothing. */
		assert_true(target_encode(t, &arena).p == t.p);
	}
	arena_release(&arena);
	blocks_free(blocks);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_clients_send_raw_is_encoded_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
