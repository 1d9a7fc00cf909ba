/*
 * Lists and certificates that expire; see conf.h.  Called when a configuration
 * is loaded, and by the daemon every day.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "conf/conf.h"

#define DAY_S	(24 * 3600)

/*
 * The warning comes a third of the whole time before the end, and so many days
 * at most.
 */
#define LEAD_PART	3

static const struct {
	const char *is, *was, *after;
	int64_t most_days;
} kinds[] = {
	[CONF_DUE_CRL] = { "its nextUpdate is", "its nextUpdate was",
	    "no certificate is accepted without a newer list", 7 },
	[CONF_DUE_CERTIFICATE] = { "it expires at", "it expired at",
	    "the upstream may refuse it", 7 },
	[CONF_DUE_LISTENER] = { "it expires at", "it expired at",
	    "clients refuse it", 14 },
};

static int64_t
lead(const struct conf_due *due)
{
	int64_t part = (due->until - due->from) / LEAD_PART;
	int64_t most = kinds[due->kind].most_days * DAY_S;

	return part < most ? part : most;
}

char *
conf_due_warning(const struct conf_due *due, int64_t now)
{
	char when[CLOCK_TEXT];

	if (now < due->from) {
		(void)clock_format_s(when, due->from);
		return xasprintf("%s: it is not good before %s", due->what,
		    when);
	}
	if (due->until == INT64_MAX || now < due->until - lead(due))
		return NULL;
	(void)clock_format_s(when, due->until);
	if (now < due->until)
		return xasprintf("%s: %s %s: put a newer one there and "
		    "reload", due->what, kinds[due->kind].is, when);
	return xasprintf("%s: %s %s: %s", due->what, kinds[due->kind].was,
	    when, kinds[due->kind].after);
}

char *
conf_due_text(const struct conf_due *due)
{
	char when[CLOCK_TEXT] = "never";

	if (due->until != INT64_MAX)
		(void)clock_format_s(when, due->until);
	return xasprintf("%s: %s %s", due->what, kinds[due->kind].is, when);
}
