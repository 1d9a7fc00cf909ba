/*
 * The last events of keys that a process logged, for people who look at its
 * state and not at its log.
 */
#ifndef KEYS_KEY_EVENTS_H
#define KEYS_KEY_EVENTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/log.h"

/* How many are kept, and how much of a message is, with its NUL. */
#define KEY_EVENTS_KEPT	20
#define KEY_EVENTS_TEXT	256

struct key_event_told {
	int64_t at;			/* seconds since 1970 */
	char *action, *key, *text;
};

/* The last one first; all zero: none. */
struct key_events {
	struct key_event_told v[KEY_EVENTS_KEPT];
	size_t n;
};

/* For log_watch_keys(), with one of them as the owner. */
void	key_events_note(void *owner, const struct log_key_event *,
	    const char *message);
void	key_events_release(struct key_events *);

#endif
