/*
 * Keys as the API sees them; see truth.h.
 */
#include "truth.h"

#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "clock.h"
#include "dice.h"
#include "setting.h"

#define FAR_S	INT64_C(1893456000)	/* 2030-01-01 */

static struct {
	int64_t from, to;		/* it is refused between these */
	int64_t expires;
	bool outlives;			/* and is accepted after that */
} values[ALL_VALUES];

enum way { VALID, REVOKED, REVOKED_FOR_A_WHILE, NEVER_VALID, EXPIRES };

static int64_t
some_time(void)
{
	return clock_now() + dice_between(0, dice_one_in(2) ? 2 * NS_PER_S :
	    20 * NS_PER_S);
}

static void
choose(size_t value)
{
	static const unsigned weights[] = { 10, 3, 3, 1, 3 };
	enum way way = (enum way)dice_weighed(weights, 5);

	switch (way) {
	case VALID:
		break;
	case REVOKED:
		values[value].from = some_time();
		break;
	case REVOKED_FOR_A_WHILE:
		values[value].from = some_time();
		values[value].to = values[value].from +
		    dice_between(0, 30 * NS_PER_S);
		break;
	case NEVER_VALID:
		values[value].from = 0;
		break;
	case EXPIRES:
		values[value].expires = clock_wall() / NS_PER_S +
		    dice_between(-3, 20);
		values[value].outlives = dice_one_in(3);
		break;
	}
}

void
truth_begin(void)
{
	for (size_t i = 0; i < ALL_VALUES; i++) {
		values[i].from = values[i].to = INT64_MAX;
		values[i].expires = FAR_S + (int64_t)i;
		values[i].outlives = false;
		if (mood()->keys_change)
			choose(i);
	}
}

bool
truth_accepts(size_t value)
{
	if (clock_now() >= values[value].from &&
	    clock_now() < values[value].to)
		return false;
	return values[value].outlives ||
	    clock_wall() / NS_PER_S < values[value].expires;
}

int64_t
truth_expires(size_t value)
{
	return values[value].expires;
}

const char *
truth_expires_text(size_t value, char text[TRUTH_TEXT])
{
	time_t t = (time_t)values[value].expires;
	struct tm tm;

	(void)gmtime_r(&t, &tm);
	(void)strftime(text, TRUTH_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return text;
}
