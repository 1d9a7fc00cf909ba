/*
 * Admin processes on their way out; see admin_retired.h.
 */
#include "daemon/admin_retired.h"

#include <signal.h>

#include "base/clock.h"

/* They are at the end of the list. */
static void
end_oldest(struct admin_retired *r)
{
	unsigned n = 0;

	for (struct admin_child *c = r->list; c != NULL; c = c->next) {
		if (++n > ADMIN_RETIRED)
			admin_child_end(c);
	}
}

void
admin_retired_add(struct admin_retired *r, struct admin_child *c,
    int64_t kill_ns)
{
	c->kill_ns = kill_ns;
	c->next = r->list;
	r->list = c;
	end_oldest(r);
}

bool
admin_retired_reap(struct admin_retired *r, pid_t pid)
{
	struct admin_child **at = &r->list, *c;

	while (*at != NULL && (*at)->pid != pid)
		at = &(*at)->next;
	c = *at;
	if (c == NULL)
		return false;
	*at = c->next;
	admin_child_free(c);
	return true;
}

int64_t
admin_retired_step(struct admin_retired *r, int64_t now)
{
	int64_t next = INT64_MAX;

	for (struct admin_child *c = r->list; c != NULL; c = c->next) {
		if (c->kill_ns <= now) {
			(void)kill(c->pid, SIGKILL);
			c->kill_ns = INT64_MAX;
		}
		next = clock_earlier(next, c->kill_ns);
	}
	return next;
}

void
admin_retired_release(struct admin_retired *r)
{
	struct admin_child *c;

	while ((c = r->list) != NULL) {
		r->list = c->next;
		(void)kill(c->pid, SIGKILL);
		admin_child_free(c);
	}
}
