/*
 * The text that is given for the value of a key: for any text, a value that is
 * taken can be sent and is taken unchanged the next time, and no message has
 * any part of it.  And arguments: one that has a secret in it is wiped.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/exposed.h"
#include "conf/value.h"
#include "keyfile/key_peel.h"
#include "keyfile/key_value.h"

#define TELLING	16	/* bytes without a blank: longer than our words */

static void
check_remarks(const struct key_value *v)
{
	struct text value = v->value != NULL ? secret_text(v->value) :
	    TEXT("");

	fuzz_assert(v->n_remarks <= KEY_VALUE_REMARKS);
	for (size_t i = 0; i < v->n_remarks; i++) {
		struct text remark = text_of(v->remarks[i]);

		fuzz_assert(!text_has_control(remark) && remark.n < 500);
		for (size_t at = 0; at + TELLING <= value.n; at++)
			fuzz_assert(!text_contains(remark, (struct text){
			    .p = value.p + at, .n = TELLING }));
	}
}

static void
check_again(const struct key_value *v, const char *field, const char *scheme)
{
	struct key_peeled p = key_peel(secret_text(v->value), field, scheme);
	struct key_value again;

	fuzz_assert(value_secret(secret_text(v->value)) == NULL);
	fuzz_assert(p.text.n <= secret_len(v->value));
	key_value_read(&again, secret_text(v->value), field, scheme);
	fuzz_assert(again.value != NULL || again.refused != NULL);
	key_value_free(&again);
}

static void
check_value(struct text given, const char *field, const char *scheme)
{
	struct key_value v;

	key_value_read(&v, given, field, scheme);
	fuzz_assert((v.value == NULL) == (v.refused != NULL));
	check_remarks(&v);
	if (v.value != NULL)
		check_again(&v, field, scheme);
	key_value_free(&v);
}

static void
check_argument(struct text given)
{
	char *argv[] = { NULL, xstrndup(given.p, given.n), NULL };
	bool secret = exposed_in(text_of(argv[1]));
	char *places = exposed_hide(2, argv);

	fuzz_assert(secret == (places != NULL));
	fuzz_assert(!exposed_in(text_of(argv[1])));
	free(places);
	free(argv[1]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	/* A copy, so that reading too far is noticed. */
	char *copy = xcalloc(1, n + 1);
	struct text given = { .p = copy, .n = n };

	if (n != 0)
		memcpy(copy, p, n);
	check_value(given, NULL, NULL);
	check_value(given, "X-Api-Key", NULL);
	check_value(given, NULL, "Bearer");
	check_argument(given);
	free(copy);
	return 0;
}
