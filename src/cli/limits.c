/*
 * The limits of a route; see limits.h.
 */
#include "cli/limits.h"

#include "cli/say.h"
#include "conf/value.h"

/* The options of a limit. */
struct names {
	const char *rate, *burst, *concurrency;
};

static const struct names of_all = { "rate", "burst", "concurrency" };
static const struct names of_each = {
	"client_rate", "client_burst", "client_concurrency",
};

static uint32_t
burst_of(const struct conf_quota *q)
{
	return q->burst != 0 ? q->burst : q->rate.count;
}

static void
print_limit(const struct conf_quota *q, const struct names *names)
{
	char rate[VALUE_TEXT];

	if (q->rate.count != 0) {
		value_format_rate(rate, q->rate.count, q->rate.seconds);
		say("%s: %s, %u at once\n", names->rate, rate,
		    (unsigned)burst_of(q));
	}
	if (q->concurrency != 0)
		say("%s: %u\n", names->concurrency,
		    (unsigned)q->concurrency);
}

void
limits_print(const struct conf_route *route)
{
	print_limit(&route->quota, &of_all);
	print_limit(&route->client_quota, &of_each);
}

static void
write_number(struct json *j, const char *key, uint32_t number)
{
	if (number != 0)
		json_u64(j, key, number);
	else
		json_null(j, key);
}

static void
write_limit(const struct conf_quota *q, const struct names *names,
    struct json *j)
{
	char rate[VALUE_TEXT];

	if (q->rate.count != 0)
		value_format_rate(rate, q->rate.count, q->rate.seconds);
	json_str_or_null(j, names->rate, q->rate.count != 0 ? rate : NULL);
	write_number(j, names->burst, burst_of(q));
	write_number(j, names->concurrency, q->concurrency);
}

void
limits_write(const struct conf_route *route, struct json *j)
{
	const struct conf_quota none = { .burst = 0 };

	write_limit(route != NULL ? &route->quota : &none, &of_all, j);
	write_limit(route != NULL ? &route->client_quota : &none, &of_each, j);
}
