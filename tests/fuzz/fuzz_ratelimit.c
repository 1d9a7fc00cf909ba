/*
 * The quota in a response: lines are the values of its three fields by turns.
 * What is read is within its bounds, and is read again as it is written.
 */
#include "fuzz.h"

#include "upstream/ratelimit.h"

static const enum field_id ids[] = {
	FIELD_X_RATELIMIT_REMAINING, FIELD_X_RATELIMIT_LIMIT,
	FIELD_X_RATELIMIT_INTERVAL,
};

#define N_IDS	(sizeof(ids) / sizeof(*ids))

static void
check_again(const struct ratelimit *r)
{
	char digits[N_IDS][TEXT_DIGITS];
	struct field v[] = {
		{ .id = ids[0], .value = text_of_u64(r->remaining, digits[0]) },
		{ .id = ids[1], .value = text_of_u64(r->limit, digits[1]) },
		{ .id = ids[2], .value = text_of_u64(r->interval_s,
		    digits[2]) },
	};
	const struct fields fields = { .v = v, .n = N_IDS };
	struct ratelimit again;

	fuzz_assert(ratelimit_of(&fields, &again));
	fuzz_assert(again.remaining == r->remaining);
	fuzz_assert(again.limit == r->limit);
	fuzz_assert(again.interval_s == r->interval_s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct text all = { .p = (const char *)p, .n = n }, line;
	struct fields fields = { .v = NULL };
	struct ratelimit r;

	for (size_t i = 0; i < 100 && text_split(&all, '\n', &line); i++)
		fields_add(&fields, ids[i % N_IDS], field_name(ids[i % N_IDS]),
		    line);
	if (ratelimit_of(&fields, &r)) {
		fuzz_assert(r.remaining <= RATELIMIT_MOST);
		fuzz_assert(r.limit <= RATELIMIT_MOST);
		fuzz_assert(r.interval_s <= RATELIMIT_INTERVAL_S);
		check_again(&r);
	}
	fields_release(&fields);
	return 0;
}
