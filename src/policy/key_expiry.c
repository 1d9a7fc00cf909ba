/*
 * The end of a key; see key_expiry.h.
 */
#include "policy/key_expiry.h"

#define DAY_S	86400

int64_t
key_end_counts(int64_t filed, int64_t told)
{
	return told != CONF_NO_TIME ? told : filed;
}

struct key_expiry
key_expiry_judge(const struct key_end *end, int64_t now, int64_t built)
{
	struct key_expiry e = { .at = key_end_counts(end->filed, end->told),
		.next = INT64_MAX };
	bool day = end->told != CONF_NO_TIME && end->told % DAY_S == 0;

	if (e.at == CONF_NO_TIME)
		return e;
	if (now < built) {
		e.next = built;
		return e;
	}
	e.over = e.at <= now;
	if (!e.over)
		e.next = e.at;
	else if (day && now < end->told + DAY_S) {
		e.doubted = true;
		e.next = end->told + DAY_S;
	}
	return e;
}
