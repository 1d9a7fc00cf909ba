/*
 * Whether an upstream can be reached; see contact.h.
 */
#include "upstream/contact.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/repeats.h"
#include "net/timer.h"

struct contact {
	struct loop *loop;
	const char *upstream;
	struct repeats reasons;
	bool failed;			/* and not told to be reached since */
	bool made;			/* a connection, since it failed */
	int64_t good_from_ns;		/* earlier it is not told again that it
					   is reached */
	struct timer timer;
};

/* at_once: those whose minute is not over, too. */
static void
tell_sums(struct contact *c, bool at_once)
{
	int64_t now = loop_now(c->loop);
	const char *why;
	uint64_t n;

	while (repeats_sum(&c->reasons, now, at_once, &why, &n))
		log_warn("upstream %s: %s: %" PRIu64 " more times",
		    c->upstream, why != NULL ? why : "for other reasons", n);
}

/* What was left out comes first, so that the last line is what holds. */
static void
tell_good(struct contact *c)
{
	tell_sums(c, true);
	log_info("upstream %s: it is reached again", c->upstream);
	c->failed = false;
	c->good_from_ns = loop_now(c->loop) + REPEATS_AGAIN_NS;
}

static void
set_timer(struct contact *c)
{
	int64_t now = loop_now(c->loop), due = repeats_due(&c->reasons);

	if (c->failed && c->made)
		due = clock_earlier(due, c->good_from_ns);
	if (due == INT64_MAX)
		timer_clear(&c->timer);
	else
		timer_set(&c->timer, due > now ?
		    (due - now + NS_PER_MS - 1) / NS_PER_MS : 1);
}

static void
contact_on_timer(void *owner)
{
	struct contact *c = owner;

	tell_sums(c, false);
	if (c->failed && c->made && loop_now(c->loop) >= c->good_from_ns)
		tell_good(c);
	set_timer(c);
}

static void
warn(struct contact *c, const char *before, const char *why,
    const char *behind)
{
	char *text = xasprintf("%s%s%s", before, why, behind);
	char more[REPEATS_WORDS];

	if (repeats_tell(&c->reasons, text, loop_now(c->loop), more))
		log_warn("upstream %s: %s%s", c->upstream, text, more);
	else if (!timer_is_set(&c->timer))
		set_timer(c);
	free(text);
}

void
contact_failed(struct contact *c, const char *what, const char *why)
{
	c->failed = true;
	c->made = false;
	warn(c, what, why, "");
}

/* That does not mean that it cannot be reached. */
void
contact_strayed(struct contact *c, const char *why)
{
	warn(c, "", why, "; another address of it is tried");
}

void
contact_made(struct contact *c)
{
	if (!c->failed || c->made)
		return;
	c->made = true;
	if (loop_now(c->loop) >= c->good_from_ns)
		tell_good(c);
	set_timer(c);
}

struct contact *
contact_new(struct loop *loop, const char *upstream)
{
	struct contact *c = xcalloc(1, sizeof(*c));

	c->loop = loop;
	c->upstream = upstream;
	c->good_from_ns = INT64_MIN;
	timer_init(&c->timer, loop, contact_on_timer, c);
	return c;
}

void
contact_free(struct contact *c)
{
	if (c == NULL)
		return;
	tell_sums(c, true);
	repeats_release(&c->reasons);
	timer_end(&c->timer);
	free(c);
}
