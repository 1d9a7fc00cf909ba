/*
 * Spans of time as texts; see span.h.  Looks at no clock.
 */
#include "base/span.h"

#include <inttypes.h>
#include <stdio.h>

#define MINUTE	INT64_C(60)
#define HOUR	(60 * MINUTE)
#define DAY	(24 * HOUR)

const char *
span_format_left(char *buf, int64_t seconds)
{
	int64_t minutes = (seconds + MINUTE - 1) / MINUTE;

	if (seconds >= 2 * DAY - HOUR / 2)
		(void)snprintf(buf, SPAN_TEXT, "%" PRId64 " days",
		    (seconds + DAY / 2) / DAY);
	else if (minutes >= 120)
		(void)snprintf(buf, SPAN_TEXT, "%" PRId64 " hours",
		    (seconds + HOUR / 2) / HOUR);
	else
		(void)snprintf(buf, SPAN_TEXT, "%" PRId64 " minute%s",
		    minutes > 1 ? minutes : 1, minutes > 1 ? "s" : "");
	return buf;
}

const char *
span_format_age(char *buf, int64_t seconds)
{
	if (seconds < MINUTE)
		(void)snprintf(buf, SPAN_TEXT, "%" PRId64 " s",
		    seconds > 0 ? seconds : 0);
	else if (seconds < HOUR)
		(void)snprintf(buf, SPAN_TEXT, "%" PRId64 " min",
		    seconds / MINUTE);
	else if (seconds < 2 * DAY)
		(void)snprintf(buf, SPAN_TEXT, "%" PRId64 " h",
		    seconds / HOUR);
	else
		(void)snprintf(buf, SPAN_TEXT, "%" PRId64 " days",
		    seconds / DAY);
	return buf;
}

int64_t
span_days(int64_t seconds)
{
	return seconds >= 0 ? seconds / DAY : -((-seconds + DAY - 1) / DAY);
}
