/*
 * Reminders; see reminders.h.  conf decides what is worth a warning.
 */
#include "daemon/reminders.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"

#define AGAIN_NS	(24 * 3600 * NS_PER_S)
#define LOOK_NS		(3600 * NS_PER_S)

#define NEVER		INT64_MIN

struct reminders {
	const struct conf *conf;
	int64_t *told_ns;	/* of each due, clock_boot() or NEVER */
};

static char *
text_of_due(const struct reminders *r, size_t i)
{
	return conf_due_warning(&r->conf->dues[i], clock_wall() / NS_PER_S);
}

struct reminders *
reminders_new(const struct conf *conf)
{
	struct reminders *r = xcalloc(1, sizeof(*r));

	r->conf = conf;
	r->told_ns = xcalloc(conf->n_dues, sizeof(*r->told_ns));
	for (size_t i = 0; i < conf->n_dues; i++) {
		char *text = text_of_due(r, i);

		r->told_ns[i] = text != NULL ? clock_boot() : NEVER;
		free(text);
	}
	return r;
}

void
reminders_free(struct reminders *r)
{
	if (r == NULL)
		return;
	free(r->told_ns);
	free(r);
}

static void
tell(struct reminders *r, size_t i)
{
	const struct conf_where *at = &r->conf->dues[i].where;
	char *text;

	if (r->told_ns[i] != NEVER && clock_boot() - r->told_ns[i] < AGAIN_NS)
		return;
	text = text_of_due(r, i);
	if (text == NULL)
		return;
	log_warn("%s:%u: %s", at->file, at->line, text);
	free(text);
	r->told_ns[i] = clock_boot();
}

int64_t
reminders_tell(struct reminders *r)
{
	for (size_t i = 0; i < r->conf->n_dues; i++)
		tell(r, i);
	return r->conf->n_dues != 0 ? clock_monotonic() + LOOK_NS : INT64_MAX;
}
