/*
 * The files of `state_dir`: any bytes are read without harm; what is taken is
 * written as a text that is read as the same records.
 */
#include "fuzz.h"

#include "keys/key_records.h"

static void
check_file(enum records_file file, struct text t)
{
	struct key_records first = { .n = 0 }, second = { .n = 0 };
	struct buf out, again;

	if (key_records_read(&first, file, t) != NULL) {
		fuzz_assert(first.n == 0);
		return;
	}
	buf_init(&out, NULL);
	buf_init(&again, NULL);
	key_records_write(&first, file, &out);
	fuzz_assert(key_records_read(&second, file, buf_text(&out)) == NULL);
	fuzz_assert(first.n == second.n);
	key_records_write(&second, file, &again);
	fuzz_assert(text_eq(buf_text(&out), buf_text(&again)));
	buf_release(&out);
	buf_release(&again);
	key_records_free(&first);
	key_records_free(&second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text t = { .p = (const char *)data, .n = size };

	check_file(RECORDS_KEYS, t);
	check_file(RECORDS_DISABLED, t);
	return 0;
}
