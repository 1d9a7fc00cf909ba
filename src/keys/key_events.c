/*
 * The last events of keys; see key_events.h.
 */
#include "keys/key_events.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"

static void
release(struct key_event_told *e)
{
	free(e->action);
	free(e->key);
	free(e->text);
}

void
key_events_note(void *owner, const struct log_key_event *event,
    const char *message)
{
	struct key_events *all = owner;

	if (all->n == KEY_EVENTS_KEPT)
		release(&all->v[--all->n]);
	memmove(&all->v[1], all->v, all->n * sizeof(*all->v));
	all->v[0] = (struct key_event_told){
		.at = clock_wall() / NS_PER_S,
		.action = xstrdup(event->action),
		.key = xstrdup(event->key),
		.text = xasprintf("%.*s", KEY_EVENTS_TEXT - 1, message),
	};
	all->n++;
}

void
key_events_release(struct key_events *all)
{
	for (size_t i = 0; i < all->n; i++)
		release(&all->v[i]);
	all->n = 0;
}
