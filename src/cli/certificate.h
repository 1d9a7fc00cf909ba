/*
 * A client's certificate that a verb is given.  Only its names are read, as a
 * listener reads them; it is not verified.
 */
#ifndef CLI_CERTIFICATE_H
#define CLI_CERTIFICATE_H

#include "policy/principal.h"

/*
 * Gives the principal the names in the first certificate of a PEM file; "-" is
 * standard input.  NULL, or the reason why a listener would refuse it, to be
 * freed.
 */
char	*certificate_take(struct principal *, const char *file);

#endif
