/*
 * Time.  Deadlines and durations come from the monotonic clock, time stamps
 * from the wall clock; all in nanoseconds.  Tests may replace them.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

#define NS_PER_MS	INT64_C(1000000)
#define NS_PER_S	INT64_C(1000000000)

/* CLOCK_MONOTONIC and CLOCK_REALTIME (since 1970-01-01T00:00:00Z). */
int64_t	clock_monotonic(void);
int64_t	clock_wall(void);

/*
 * CLOCK_BOOTTIME: the monotonic clock stands still while the machine sleeps,
 * this one does not.  It gives the age of what other machines forget with time;
 * no timer follows it.
 */
int64_t	clock_boot(void);

/* Replaces them for the tests of this process; NULL restores them. */
struct clock_source {
	int64_t (*monotonic)(void);
	int64_t (*wall)(void);
	int64_t (*boot)(void);		/* NULL: as monotonic() */
};
void	clock_replace(const struct clock_source *);

/*
 * RFC 3339 in UTC.  The first with milliseconds, "2026-11-23T20:19:00.123Z";
 * the second whole seconds.  buf takes at least CLOCK_TEXT bytes; both end in
 * NUL and return the length.  Years outside 0 to 9999 are clamped.
 */
#define CLOCK_TEXT	32
size_t	clock_format_ms(char *buf, int64_t wall_ns);
size_t	clock_format_s(char *buf, int64_t seconds);

/*
 * Seconds since 1970 in the form of HTTP (RFC 9110 section 5.6.7), "Sun, 06 Nov
 * 1994 08:49:37 GMT"; clamped as above.  buf takes CLOCK_HTTP_TEXT bytes; it
 * ends in NUL.
 */
#define CLOCK_HTTP_TEXT	30
void	clock_format_http(char *buf, int64_t seconds);

/*
 * Seconds since 1970 of a date and time of the proleptic Gregorian calendar
 * in UTC.  False where a part is out of range (second 60 counts as 59).
 */
bool	clock_from_civil(int year, int month, int day, int hour, int minute,
	    int second, int64_t *seconds);

/* 9999-12-31T23:59:59Z in seconds since 1970, the last time with a text. */
#define TIME_MOST	INT64_C(253402300799)

/* The earlier of two times by the same clock. */
static inline int64_t
clock_earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

#endif
