/*
 * Times of certificates; see span.h.
 */
#include "cert/span.h"

#include <time.h>

#include <openssl/asn1.h>

#include "base/clock.h"

int64_t
cert_seconds(const ASN1_TIME *t)
{
	struct tm tm;
	int64_t s;

	if (ASN1_TIME_to_tm(t, &tm) != 1 || !clock_from_civil(
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
	    tm.tm_min, tm.tm_sec, &s))
		return 0;
	return s;
}
