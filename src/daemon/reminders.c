/*
 * Reminders; see reminders.h.  policy decides what is worth a warning.
 */
#include "daemon/reminders.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "policy/due_warning.h"

#define AGAIN_NS	(24 * 3600 * NS_PER_S)

/* A clock that was set, or a machine that slept, is noticed by then. */
#define LOOK_NS		(3600 * NS_PER_S)

#define NEVER		INT64_MIN

/* What was told of a due. */
struct told {
	struct expiry_warned before;	/* its end */
	int64_t useless_ns;		/* that it is of no use, clock_boot()
					   or NEVER */
};

struct reminders {
	const struct conf *conf;
	struct told *told;		/* of each due */
};

static int64_t
now_s(void)
{
	return clock_wall() / NS_PER_S;
}

static bool
is_useless(const struct conf_due *due, int64_t now)
{
	return now < due->from || now >= due->until;
}

/* Notes it as told, and says whether it was not before. */
static bool
is_new(struct reminders *r, size_t i, int64_t now)
{
	const struct conf_due *due = &r->conf->dues[i];
	struct key_life life = due_life(due);
	struct told *told = &r->told[i];
	struct expiry_warning soon;

	if (is_useless(due, now)) {
		if (told->useless_ns != NEVER &&
		    clock_boot() - told->useless_ns < AGAIN_NS)
			return false;
		told->useless_ns = clock_boot();
		return true;
	}
	told->useless_ns = NEVER;
	soon = expiry_warning_due(&r->conf->expiry.warn, &life, now);
	if (!expiry_warning_is_new(&told->before, &soon, due->until))
		return false;
	told->before = (struct expiry_warned){ .expires = due->until,
		.lead = soon.lead };
	return true;
}

struct reminders *
reminders_new(const struct conf *conf)
{
	struct reminders *r = xcalloc(1, sizeof(*r));

	r->conf = conf;
	r->told = xcalloc(conf->n_dues, sizeof(*r->told));
	for (size_t i = 0; i < conf->n_dues; i++) {
		r->told[i].useless_ns = NEVER;
		(void)is_new(r, i, now_s());
	}
	return r;
}

void
reminders_free(struct reminders *r)
{
	if (r == NULL)
		return;
	free(r->told);
	free(r);
}

static void
tell(const struct reminders *r, size_t i, int64_t now)
{
	const struct conf_due *due = &r->conf->dues[i];
	char *text = due_warning(due, &r->conf->expiry.warn, now);

	if (text != NULL)
		log_warn("%s:%u: %s", due->where.file, due->where.line, text);
	free(text);
}

/* When there is more to tell of it, by the wall clock. */
static int64_t
next_of(const struct reminders *r, size_t i, int64_t now)
{
	const struct conf_due *due = &r->conf->dues[i];
	struct key_life life = due_life(due);

	if (is_useless(due, now))
		return INT64_MAX;
	return clock_earlier(due->until,
	    expiry_warning_next(&r->conf->expiry.warn, &life, now));
}

int64_t
reminders_tell(struct reminders *r)
{
	int64_t now = now_s(), next = INT64_MAX;

	for (size_t i = 0; i < r->conf->n_dues; i++) {
		if (is_new(r, i, now))
			tell(r, i, now);
		next = clock_earlier(next, next_of(r, i, now));
	}
	if (r->conf->n_dues == 0)
		return INT64_MAX;
	if (next <= now + LOOK_NS / NS_PER_S)
		return clock_monotonic() + next * NS_PER_S - clock_wall();
	return clock_monotonic() + LOOK_NS;
}
