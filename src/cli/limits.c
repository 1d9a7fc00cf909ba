/*
 * The limits of a route; see limits.h.
 */
#include "cli/limits.h"

#include "cli/say.h"
#include "conf/value.h"

static uint32_t
burst_of(const struct conf_quota *q)
{
	return q->burst != 0 ? q->burst : q->rate.count;
}

void
limits_print(const struct conf_route *route)
{
	const struct conf_quota *q = &route->quota;
	char rate[VALUE_TEXT];

	if (q->rate.count != 0) {
		value_format_rate(rate, q->rate.count, q->rate.seconds);
		say("rate: %s, %u at once\n", rate, (unsigned)burst_of(q));
	}
	if (q->concurrency != 0)
		say("concurrency: %u\n", (unsigned)q->concurrency);
}

static void
write_number(struct json *j, const char *key, uint32_t number)
{
	if (number != 0)
		json_u64(j, key, number);
	else
		json_null(j, key);
}

void
limits_write(const struct conf_route *route, struct json *j)
{
	const struct conf_quota none = { .burst = 0 };
	const struct conf_quota *q = route != NULL ? &route->quota : &none;
	char rate[VALUE_TEXT];

	if (q->rate.count != 0)
		value_format_rate(rate, q->rate.count, q->rate.seconds);
	json_str_or_null(j, "rate", q->rate.count != 0 ? rate : NULL);
	write_number(j, "burst", burst_of(q));
	write_number(j, "concurrency", q->concurrency);
}
