/*
 * Warnings about keys; see keys.h.
 */
#include "conf/keys.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "conf/conf.h"
#include "conf/key_look.h"

/* The clocks of machines differ by less than this. */
#define CLOCK_SKEW	((int64_t)24 * 3600)

static void
warn(struct reader *r, const struct draft_key *k, enum option_id id,
    const char *what)
{
	struct conf_where at = k->given.option[id];

	conf_warning(r->diagnostics, at.file, at.line, "key '%s' %s",
	    k->name.text, what);
}

static void
check_value(struct reader *r, const struct draft_key *k)
{
	const char *remark = key_look_remark(secret_text(k->out.value),
	    conf_is_of_elastic(k->out.field, k->out.scheme));

	if (remark != NULL)
		warn(r, k, OPTION_KEY_value, remark);
}

static void
check_times(struct reader *r, const struct draft_key *k)
{
	int64_t now = clock_wall() / NS_PER_S;

	if (k->out.expires != CONF_NO_TIME && k->out.expires <= now)
		warn(r, k, OPTION_KEY_expires, "has expired");
	if (k->out.created == CONF_NO_TIME)
		return;
	if (k->out.created > now + CLOCK_SKEW)
		warn(r, k, OPTION_KEY_created, "was created at a time that is "
		    "yet to come");
	else if (k->out.expires != CONF_NO_TIME &&
	    k->out.created >= k->out.expires)
		warn(r, k, OPTION_KEY_created, "was created when it had "
		    "expired already: one of the two times is wrong");
}

/* By value; equal ones in the order in which they were written. */
static int
compare_values(const void *a, const void *b)
{
	const struct draft_key *const *x = a, *const *y = b;
	int order = text_compare(secret_text((*x)->out.value),
	    secret_text((*y)->out.value));

	return order != 0 ? order : (*x > *y) - (*x < *y);
}

/* A value that is disabled or expires under one name is so under the other. */
static void
check_twins(struct reader *r, const struct draft_key *const *keys, size_t n)
{
	const struct draft_key *first = n != 0 ? keys[0] : NULL;

	for (size_t i = 1; i < n; i++) {
		struct conf_where at = first->given.option[OPTION_KEY_value];

		if (!secret_equal(keys[i]->out.value, first->out.value)) {
			first = keys[i];
			continue;
		}
		conf_warning(r->diagnostics,
		    keys[i]->given.option[OPTION_KEY_value].file,
		    keys[i]->given.option[OPTION_KEY_value].line,
		    "key '%s' has the same value as key '%s', at %s:%u",
		    keys[i]->name.text, first->name.text, at.file, at.line);
	}
}

void
keys_check(struct reader *r, const struct draft *d)
{
	const struct draft_key **keys = xcalloc(d->keys.n + 1, sizeof(*keys));
	size_t n = 0;

	for (size_t i = 0; i < d->keys.n; i++) {
		const struct draft_key *k = draft_key(d, i);

		if (k->name.text == NULL)
			continue;
		if (k->out.value != NULL) {
			check_value(r, k);
			keys[n++] = k;
		}
		check_times(r, k);
	}
	qsort(keys, n, sizeof(*keys), compare_values);
	check_twins(r, keys, n);
	free(keys);
}
