/*
 * What is disabled comes into the next folder before that is the one where it
 * is kept; see key_store_parts.h.
 */
#include "keys/key_store_parts.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"

/* What is disabled here or there.  False: the folder knows all of it. */
static bool
unite(struct key_store *s, struct key_records *both)
{
	const struct key_records *theirs = &s->brought.found;
	bool news = false;

	s->now = key_notes_take_disabled(s->notes, 0);
	for (size_t i = 0; i < s->now->n; i++) {
		const struct key_record *k = &s->now->v[i], *other;

		if (k->disabled == 0)
			continue;
		other = key_records_find(theirs, k->fingerprint);
		news |= other == NULL || other->disabled == 0;
		*key_records_at(both, k->fingerprint) = *k;
	}
	for (size_t i = 0; i < theirs->n; i++) {
		const struct key_record *k = &theirs->v[i];

		if (k->disabled != 0 &&
		    key_records_find(both, k->fingerprint) == NULL)
			*key_records_at(both, k->fingerprint) = *k;
	}
	return news;
}

/* One that could not be written when it was brought is taken now. */
static char *
begin(struct key_store *s, const struct conf *conf, size_t n)
{
	struct brought *b = &s->brought;
	char *why = NULL;

	if (b->lock == NULL)
		why = state_lock_take(conf->state_dir, conf->uid, s->lock,
		    &b->lock);
	/* No start would read it. */
	if (why == NULL && n > RECORDS_MOST)
		why = xasprintf("%s: more than %d keys are disabled",
		    conf->state_dir, RECORDS_MOST);
	if (why != NULL)
		return why;
	return state_writer_begin(&b->writer, &(struct state_writing){
		.folder = conf->state_dir, .file = RECORDS_DISABLED,
		.text = buf_text(&b->text),
		.left = s->conf.left, .owner = s->conf.owner,
	});
}

/*
 * Also what was enabled since it was written is news: the folder would disable
 * it again.
 */
static enum key_store_move
move(struct key_store *s, const struct conf *conf)
{
	struct brought *b = &s->brought;
	struct key_records both = { .n = 0 };
	struct buf text;
	size_t n;
	bool news;

	buf_init(&text, NULL);
	news = unite(s, &both);
	key_records_write(&both, RECORDS_DISABLED, &text);
	n = both.n;
	key_records_free(&both);
	if (b->written)
		news = !text_eq(buf_text(&text), buf_text(&b->text));
	buf_release(&b->text);
	b->text = text;
	if (!news)
		return KEY_STORE_MOVED;
	b->written = true;
	b->why = begin(s, conf, n);
	return b->why == NULL ? KEY_STORE_MOVING : KEY_STORE_STUCK;
}

static enum key_store_move
step(struct key_store *s, const struct conf *conf)
{
	struct brought *b = &s->brought;

	(void)state_writer_step(&b->writer, clock_monotonic());
	/* It may hang for ever. */
	if (b->writer.late && b->why == NULL)
		b->why = state_writer_complaint(&b->writer);
	if (b->why != NULL)
		return KEY_STORE_STUCK;
	if (state_writer_is_busy(&b->writer))
		return KEY_STORE_MOVING;
	return move(s, conf);
}

enum key_store_move
key_store_move(struct key_store *s, const struct conf *conf,
    struct conf_diagnostics *diagnostics)
{
	const struct conf_where *at = &conf->state_dir_where;
	enum key_store_move result;

	if (key_store_brought_by(s, conf) == NULL)
		return KEY_STORE_MOVED;
	result = step(s, conf);
	if (result == KEY_STORE_STUCK)
		conf_error(diagnostics, at->file, at->line, "option "
		    "'state_dir': %s: a restart would forget which keys are "
		    "disabled", s->brought.why);
	return result;
}

bool
key_store_reap_move(struct brought *b, pid_t pid, int wait_status)
{
	char *why;

	if (!state_writer_reap(&b->writer, pid, wait_status, &why))
		return false;
	if (b->why == NULL)
		b->why = why;
	else
		free(why);
	return true;
}
