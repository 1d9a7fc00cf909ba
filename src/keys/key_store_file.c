/*
 * Writing what is kept of keys; see key_store_parts.h.
 */
#include "keys/key_store_parts.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/log.h"

static void
keys_ended(struct key_store *s, const char *why)
{
	struct half *h = &s->keys;

	if (why != NULL && !h->failing)
		log_warn("%s: what becomes of keys is not kept until that is "
		    "mended", why);
	else if (why == NULL && h->failing)
		log_info("%s: what becomes of keys is kept again", s->folder);
	h->failing = why != NULL;
	/* So that it is written again, even if it is the same. */
	if (h->failing)
		buf_release(&h->text);
}

void
key_store_answer(struct key_store *s, uint64_t number, const char *why)
{
	if (number <= s->answered)
		return;
	s->answered = number;
	if (s->conf.kept != NULL)
		s->conf.kept(s->conf.owner, number, why);
}

static void
disabled_ended(struct key_store *s, uint64_t number, const char *why)
{
	struct half *h = &s->disabled;

	if (why == NULL && h->failing)
		log_info("%s: which keys are disabled is kept now",
		    s->folder);
	h->failing = why != NULL;
	key_store_answer(s, number, why);
}

/* Takes the reason. */
static void
ended(struct key_store *s, const struct half *h, char *why)
{
	if (h == &s->keys)
		keys_ended(s, why);
	else
		disabled_ended(s, s->sent, why);
	free(why);
}

/* What the file is to say; false: the one that was written last says it. */
static bool
compose(struct key_store *s, struct half *h)
{
	struct buf text;
	bool same;

	if (h == &s->keys)
		s->now = key_notes_take(s->notes);
	else
		s->sent = s->noted;
	buf_init(&text, NULL);
	key_records_write(s->now, h->file, &text);
	same = h == &s->keys && text_eq(buf_text(&text), buf_text(&h->text));
	buf_release(&h->text);
	h->text = text;
	return !same;
}

/* One that could not be written at the start is taken when it can. */
static char *
have_folder(struct key_store *s)
{
	if (s->lock != NULL)
		return NULL;
	return state_lock_take(s->folder, s->uid, s->brought.lock, &s->lock);
}

static void
begin(struct key_store *s, struct half *h)
{
	char *why;

	h->due = false;
	if (!compose(s, h))
		return;
	why = have_folder(s);
	/* No start would read it. */
	if (why == NULL && s->now->n > RECORDS_MOST)
		why = xasprintf("%s: more than %d keys are disabled",
		    s->folder, RECORDS_MOST);
	else if (why == NULL)
		why = state_writer_begin(&h->writer, &(struct state_writing){
			.folder = s->folder, .file = h->file,
			.text = buf_text(&h->text),
			.left = s->conf.left, .owner = s->conf.owner,
		});
	if (why != NULL)
		ended(s, h, why);
}

/* It may hang for ever, so those who wait are told. */
static void
complain(struct key_store *s, const struct half *h)
{
	char *why = state_writer_complaint(&h->writer);

	if (h == &s->keys)
		keys_ended(s, why);
	else
		disabled_ended(s, s->noted, why);
	free(why);
}

int64_t
key_store_step_file(struct key_store *s, struct half *h, int64_t now)
{
	int64_t until;

	if (h->due && !state_writer_is_busy(&h->writer))
		begin(s, h);
	until = state_writer_step(&h->writer, now);
	if (h->writer.late)
		complain(s, h);
	return until;
}

bool
key_store_reap_file(struct key_store *s, struct half *h, pid_t pid,
    int wait_status)
{
	char *why;

	if (!state_writer_reap(&h->writer, pid, wait_status, &why))
		return false;
	ended(s, h, why);
	return true;
}

void
key_store_finish_file(struct key_store *s, struct half *h, int64_t until)
{
	if (state_writer_is_busy(&h->writer))
		ended(s, h, state_writer_await(&h->writer, until));
	if (h->due || h->failing || h == &s->keys)
		begin(s, h);
	if (state_writer_is_busy(&h->writer))
		ended(s, h, state_writer_await(&h->writer, until));
}

void
key_store_stop_writing(struct half *h)
{
	state_writer_give_up(&h->writer);
	buf_release(&h->text);
	h->due = h->failing = false;
}
