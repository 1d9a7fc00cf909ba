/*
 * A request target through the judge.  What passes gets, by every reader that
 * there is one of in tests/lib/readers.c, the route that was decided, has the
 * bytes stripped that were, and mints nothing.
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
