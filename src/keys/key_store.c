/*
 * What is kept of keys; see key_store.h.
 */
#include "keys/key_store_parts.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "stats/decided.h"

/* How often it looks whether something changed. */
#define LOOK_NS		(60 * NS_PER_S)

/* How long it waits for a disk at the end. */
#define END_NS		(5 * NS_PER_S)

struct key_store *
key_store_new(const struct key_store_conf *conf)
{
	struct key_store *s = xcalloc(1, sizeof(*s));

	s->conf = *conf;
	s->notes = key_notes_new(conf->memory, conf->warnings);
	s->keys.file = RECORDS_KEYS;
	s->disabled.file = RECORDS_DISABLED;
	buf_init(&s->keys.text, NULL);
	buf_init(&s->disabled.text, NULL);
	buf_init(&s->brought.text, NULL);
	return s;
}

void
key_store_free(struct key_store *s)
{
	if (s == NULL)
		return;
	key_store_stop_writing(&s->keys);
	key_store_stop_writing(&s->disabled);
	key_store_let_go(&s->brought);
	state_lock_leave(s->lock);
	key_notes_free(s->notes);
	free(s->folder);
	free(s);
}

/* -- time -- */

static void
look(struct key_store *s, int64_t now)
{
	s->look_ns = now + LOOK_NS;
	s->told = key_warnings_told(s->conf.warnings);
	s->decided = stats_decisions(s->conf.memory);
	s->keys.due = true;
	if (s->disabled.failing)
		s->disabled.due = true;
}

int64_t
key_store_step(struct key_store *s)
{
	int64_t now = clock_monotonic(), until;
	int64_t move = state_writer_step(&s->brought.writer, now);

	if (s->folder == NULL)
		return move;
	if (now >= s->look_ns ||
	    s->told != key_warnings_told(s->conf.warnings) ||
	    s->decided != stats_decisions(s->conf.memory))
		look(s, now);
	until = clock_earlier(clock_earlier(s->look_ns, move),
	    key_store_step_file(s, &s->disabled, now));
	return clock_earlier(until, key_store_step_file(s, &s->keys, now));
}

bool
key_store_reap(struct key_store *s, pid_t pid, int wait_status)
{
	return key_store_reap_move(&s->brought, pid, wait_status) ||
	    key_store_reap_file(s, &s->disabled, pid, wait_status) ||
	    key_store_reap_file(s, &s->keys, pid, wait_status);
}

void
key_store_end(struct key_store *s)
{
	int64_t until = clock_monotonic() + END_NS;

	if (s->folder == NULL)
		return;
	key_store_finish_file(s, &s->disabled, until);
	key_store_finish_file(s, &s->keys, until);
}

/* -- orders -- */

uint32_t
key_store_promoted(const struct key_store *s)
{
	return key_notes_promoted(s->notes);
}

bool
key_store_keeps(const struct key_store *s)
{
	return s->folder != NULL;
}

uint64_t
key_store_note_disabled(struct key_store *s, uint32_t who)
{
	s->now = key_notes_take_disabled(s->notes, RECORD_BY(who));
	if (s->folder == NULL)
		return 0;
	s->disabled.due = true;
	return ++s->noted;
}
