/*
 * Warnings of the end of certificates and lists; see due_warning.h.
 */
#include "policy/due_warning.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/span.h"

static const struct {
	const char *is, *was, *after;
} kinds[] = {
	[CONF_DUE_CRL] = { "its nextUpdate is", "its nextUpdate was",
	    "no certificate is accepted without a newer list" },
	[CONF_DUE_CERTIFICATE] = { "it expires at", "it expired at",
	    "the upstream may refuse it" },
	[CONF_DUE_LISTENER] = { "it expires at", "it expired at",
	    "clients refuse it" },
};

struct key_life
due_life(const struct conf_due *due)
{
	return (struct key_life){
		.created = due->from,
		.expires = due->until != INT64_MAX ? due->until : CONF_NO_TIME,
	};
}

/* Where files are watched, nothing but a newer one is needed. */
static const char *
remedy(const struct conf_due *due)
{
	return due->watched ? "put a newer one there" :
	    "put a newer one there and reload";
}

static char *
warn_before(const struct conf_due *due, int64_t now)
{
	char when[CLOCK_TEXT], left[SPAN_TEXT];

	(void)clock_format_s(when, due->until);
	return xasprintf("%s: %s %s, in %s: %s", due->what,
	    kinds[due->kind].is, when,
	    span_format_left(left, due->until - now), remedy(due));
}

static char *
warn_after(const struct conf_due *due)
{
	char when[CLOCK_TEXT];

	(void)clock_format_s(when, due->until);
	return xasprintf("%s: %s %s, and %s: %s", due->what,
	    kinds[due->kind].was, when, kinds[due->kind].after, remedy(due));
}

char *
due_warning(const struct conf_due *due, const struct conf_thresholds *all,
    int64_t now)
{
	struct key_life life = due_life(due);
	char when[CLOCK_TEXT];

	if (now < due->from) {
		(void)clock_format_s(when, due->from);
		return xasprintf("%s: it is not good before %s", due->what,
		    when);
	}
	if (now >= due->until)
		return warn_after(due);
	return expiry_warning_due(all, &life, now).lead != 0 ?
	    warn_before(due, now) : NULL;
}

char *
due_text(const struct conf_due *due)
{
	char when[CLOCK_TEXT] = "never";

	if (due->until != INT64_MAX)
		(void)clock_format_s(when, due->until);
	return xasprintf("%s: %s %s", due->what, kinds[due->kind].is, when);
}
