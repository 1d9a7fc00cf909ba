/*
 * What the simulated API thinks of each value of a key: whether it accepts it
 * at this moment, and which end it tells.  Some are revoked, expire or come
 * back while the world runs.
 */
#ifndef TESTS_SIM_TRUTH_H
#define TESTS_SIM_TRUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Left to chance, by the present mood. */
void	truth_begin(void);

/* It would let it in now. */
bool	truth_accepts(size_t value);

/* The end that responses tell, in seconds since 1970, and in this form. */
int64_t	truth_expires(size_t value);
#define TRUTH_TEXT	24
const char *truth_expires_text(size_t value, char text[TRUTH_TEXT]);

#endif
