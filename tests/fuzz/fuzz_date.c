/*
 * A date: a time that is read is read again from the form that we write, and a
 * date that is read strictly is the same time to the lenient reader.
 */
#include "fuzz.h"

#include <string.h>

#include "base/clock.h"
#include "base/date.h"

#define NOW	INT64_C(1795465140)
#define UNREAD	INT64_C(-1)
#define LAST	INT64_C(253402300799)	/* an offset may go beyond it */

static int64_t
read_leniently(struct text t)
{
	int64_t seconds = UNREAD;

	if (date_parse_lenient(t, NOW, &seconds))
		fuzz_assert(seconds > 0);
	else
		fuzz_assert(seconds == UNREAD);
	return seconds;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct text t = { .p = (const char *)p, .n = n };
	int64_t lenient = read_leniently(t), strict = UNREAD;
	char text[CLOCK_TEXT];

	if (date_parse_strict(t, &strict) != DATE_READ)
		fuzz_assert(strict == UNREAD);
	else if (strict > 0)
		fuzz_assert(strict == lenient);
	if (lenient == UNREAD || lenient > LAST)
		return 0;
	t = (struct text){ .p = text, .n = clock_format_s(text, lenient) };
	fuzz_assert(read_leniently(t) == lenient);
	fuzz_assert(date_parse_strict(t, &strict) == DATE_READ);
	fuzz_assert(strict == lenient);
	return 0;
}
