/*
 * The value of an expiry field: what is read is a time that reads the same
 * in the form we write.
 */
#include "fuzz.h"

#include <string.h>

#include "base/clock.h"
#include "upstream/expiry.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct text t = { .p = (const char *)p, .n = n };
	int64_t seconds = -1, again = -1;
	char text[CLOCK_TEXT];

	if (!expiry_parse(t, &seconds)) {
		fuzz_assert(seconds == -1);
		return 0;
	}
	fuzz_assert(seconds > 0);
	if (seconds > INT64_C(253402300799))	/* an offset beyond 9999 */
		return 0;
	t = (struct text){ .p = text, .n = clock_format_s(text, seconds) };
	fuzz_assert(expiry_parse(t, &again));
	fuzz_assert(again == seconds);
	return 0;
}
