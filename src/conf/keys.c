/*
 * What holds for keys, and warnings about them; see keys.h.
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

/* What its file says under this name. */
static void
check_created(struct reader *r, const struct draft_key *k)
{
	int64_t now = clock_wall() / NS_PER_S;

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
check_twin(struct reader *r, const struct draft_key *k,
    const struct draft_key *first)
{
	struct conf_where at = first->given.option[OPTION_KEY_value];

	conf_warning(r->diagnostics, k->given.option[OPTION_KEY_value].file,
	    k->given.option[OPTION_KEY_value].line,
	    "key '%s' has the same value as key '%s', at %s:%u",
	    k->name.text, first->name.text, at.file, at.line);
}

/* Of two ends of one value one is wrong; the other counts for both names. */
static void
check_end(struct reader *r, const struct draft_key *k,
    const struct draft_key *counts)
{
	struct conf_where at = counts->given.option[OPTION_KEY_expires];
	char own[CLOCK_TEXT], other[CLOCK_TEXT], *what;

	if (k->out.expires == CONF_NO_TIME ||
	    k->out.expires == counts->out.expires)
		return;
	clock_format_s(own, k->out.expires);
	clock_format_s(other, counts->out.expires);
	what = xasprintf("expires at %s, and its value at %s by key '%s', at "
	    "%s:%u: the later one counts for both, unless the API says "
	    "otherwise", own, other, counts->name.text, at.file, at.line);
	warn(r, k, OPTION_KEY_expires, what);
	free(what);
}

/*
 * The names of one value, in the order in which they were written: of several
 * ends the latest counts, as the API is asked before the value is given up;
 * and it is as old as the oldest name says.
 */
static void
join(struct reader *r, struct draft_key *const *names, size_t n)
{
	const struct draft_key *last = names[0];
	int64_t created = CONF_NO_TIME, expires;

	for (size_t i = 0; i < n; i++) {
		int64_t own = names[i]->out.created;

		if (names[i]->out.expires > last->out.expires)
			last = names[i];
		if (own != CONF_NO_TIME &&
		    (created == CONF_NO_TIME || own < created))
			created = own;
	}
	expires = last->out.expires;
	for (size_t i = 0; i < n; i++) {
		if (i != 0)
			check_twin(r, names[i], names[0]);
		check_end(r, names[i], last);
	}
	for (size_t i = 0; i < n; i++) {
		names[i]->out.created = created;
		names[i]->out.expires = expires;
	}
}

static void
join_names(struct reader *r, struct draft_key *const *keys, size_t n)
{
	size_t end;

	for (size_t i = 0; i < n; i = end) {
		end = i + 1;
		while (end < n && secret_equal(keys[end]->out.value,
		    keys[i]->out.value))
			end++;
		join(r, &keys[i], end - i);
	}
}

/* An end that another name puts off has not come. */
static void
check_expired(struct reader *r, const struct draft_key *k)
{
	if (k->given.option[OPTION_KEY_expires].line != 0 &&
	    k->out.expires != CONF_NO_TIME &&
	    k->out.expires <= clock_wall() / NS_PER_S)
		warn(r, k, OPTION_KEY_expires, "has expired");
}

void
keys_settle(struct reader *r, struct draft *d)
{
	struct draft_key **keys = xcalloc(d->keys.n + 1, sizeof(*keys));
	size_t n = 0;

	for (size_t i = 0; i < d->keys.n; i++) {
		struct draft_key *k = draft_key(d, i);

		if (k->name.text == NULL)
			continue;
		if (k->out.value != NULL) {
			check_value(r, k);
			keys[n++] = k;
		}
		check_created(r, k);
	}
	qsort(keys, n, sizeof(*keys), compare_values);
	join_names(r, keys, n);
	for (size_t i = 0; i < d->keys.n; i++) {
		if (draft_key(d, i)->name.text != NULL)
			check_expired(r, draft_key(d, i));
	}
	free(keys);
}
