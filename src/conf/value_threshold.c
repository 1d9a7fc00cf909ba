/*
 * How long before the end of a key to warn; see value.h.
 */
#include "conf/value.h"

#include <string.h>

/* The largest number below a fraction. */
#define MOST_OF	1000000

static const char *
read_fraction(struct text part, uint64_t of, struct conf_threshold *out)
{
	uint64_t v;

	if (!text_parse_u64(part, MOST_OF, &v) || v == 0 || of == 0)
		return "not a part of a life, such as \"10%\" or \"1/3\"";
	if (2 * v >= of)
		return "not less than half of a life";
	*out = (struct conf_threshold){ .part = (uint32_t)v,
		.of = (uint32_t)of };
	return NULL;
}

const char *
value_threshold(struct text t, struct conf_threshold *out)
{
	struct text rest = t, part;
	uint64_t of = 0;
	const char *why;
	int64_t ms;

	if (text_ends_with(t, TEXT("%")))
		return read_fraction((struct text){ .p = t.p, .n = t.n - 1 },
		    100, out);
	if (memchr(t.p, '/', t.n) != NULL) {
		(void)text_split(&rest, '/', &part);
		if (!text_parse_u64(rest, MOST_OF, &of))
			of = 0;
		return read_fraction(part, of, out);
	}
	why = value_time(t, &ms);
	if (why != NULL)
		return why;
	if (ms < 1000)
		return "shorter than a second";
	*out = (struct conf_threshold){ .before = ms / 1000 };
	return NULL;
}
