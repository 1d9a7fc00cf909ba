/*
 * Compares targets that the judge lets pass with how servers read them: for the
 * fuzz target and for a unit test with random targets.
 */
#ifndef TESTS_LIB_SAME_ROUTE_H
#define TESTS_LIB_SAME_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * NULL if the target is refused, or if every reader agrees with the judge on
 * the route, the bytes stripped, and whether it mints.  Otherwise the
 * disagreement, a static text.  Sets *passed.
 */
const char	*same_route_check(const char *target, size_t n, bool *passed);

#endif
