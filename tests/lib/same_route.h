/*
 * What the judge lets pass, compared with what servers make of it: for the
 * fuzz target and for a unit test with random targets.
 */
#ifndef TESTS_LIB_SAME_ROUTE_H
#define TESTS_LIB_SAME_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * NULL where the target is refused, or where every reader agrees with what
 * the judge made of it: the route, the bytes that were stripped, whether it
 * mints.  Otherwise what does not agree, a static text.  Sets *passed.
 */
const char	*same_route_check(const char *target, size_t n, bool *passed);

#endif
