/*
 * A request target through the judge.  If it passes, every reader of
 * tests/lib/readers.c gives it the route that was decided, with the same bytes
 * stripped, and to none of them it mints anything.
 */
#include "fuzz.h"

#include <stdbool.h>

#include "../lib/same_route.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const char *why;
	bool passed;

	why = same_route_check((const char *)p, n, &passed);
	if (why != NULL)
		fprintf(stderr, "%s\n", why);
	fuzz_assert(why == NULL);
	return 0;
}
