/*
 * Warnings of the end of certificates and lists; see due_warning.h.
 */
#include "policy/due_warning.h"

#include <stdlib.h>

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
	[CONF_DUE_CLIENT_CA] = { "it expires at", "it expired at",
	    "no client is accepted by it" },
	[CONF_DUE_CA] = { "it expires at", "it expired at",
	    "no server is accepted by it" },
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

/* The option and file, and whose end it is where there are several in it. */
static char *
what(const struct conf_due *due)
{
	return due->subject[0] == '\0' ? xstrdup(due->what) :
	    xasprintf("%s: authority \"%s\"", due->what, due->subject);
}

static char *
warn_before(const char *what, const struct conf_due *due, int64_t now)
{
	char when[CLOCK_TEXT], left[SPAN_TEXT];

	(void)clock_format_s(when, due->until);
	return xasprintf("%s: %s %s, in %s: %s", what, kinds[due->kind].is,
	    when, span_format_left(left, due->until - now), remedy(due));
}

static char *
warn_after(const char *what, const struct conf_due *due)
{
	char when[CLOCK_TEXT];

	(void)clock_format_s(when, due->until);
	return xasprintf("%s: %s %s, and %s: %s", what, kinds[due->kind].was,
	    when, kinds[due->kind].after, remedy(due));
}

static char *
warn_early(const char *what, const struct conf_due *due)
{
	char when[CLOCK_TEXT];

	(void)clock_format_s(when, due->from);
	return xasprintf("%s: it is not good before %s", what, when);
}

char *
due_warning(const struct conf_due *due, const struct conf_thresholds *all,
    int64_t now)
{
	struct key_life life = due_life(due);
	char *subject = what(due), *text = NULL;

	if (now < due->from)
		text = warn_early(subject, due);
	else if (now >= due->until)
		text = warn_after(subject, due);
	else if (expiry_warning_due(all, &life, now).lead != 0)
		text = warn_before(subject, due, now);
	free(subject);
	return text;
}

char *
due_text(const struct conf_due *due)
{
	char when[CLOCK_TEXT] = "never";
	char *subject = what(due), *text;

	if (due->until != INT64_MAX)
		(void)clock_format_s(when, due->until);
	text = xasprintf("%s: %s %s", subject, kinds[due->kind].is, when);
	free(subject);
	return text;
}
