/*
 * How long a time is, as people say it.
 */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdint.h>

/*
 * What is left of some time, in seconds: "14 days", below two days "5 hours",
 * below two hours "50 minutes".  Rounded to the nearest, minutes up; less than
 * a minute, and what is over, is "1 minute".  buf takes SPAN_TEXT bytes and is
 * returned.
 */
#define SPAN_TEXT	32
const char	*span_format_left(char *buf, int64_t seconds);

/*
 * How long ago something was, in seconds and rounded down: "12 s", "5 min",
 * "3 h", from two days on "2 days"; the future is "0 s".  The same buffer.
 */
const char	*span_format_age(char *buf, int64_t seconds);

/* Whole days, rounded down: less than 0 as soon as the time is over. */
int64_t		 span_days(int64_t seconds);

#endif
