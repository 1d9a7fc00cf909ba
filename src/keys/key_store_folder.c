/*
 * The folder of what is kept of keys: which one it is, and what was read there;
 * see key_store_parts.h.
 */
#include "keys/key_store_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "keys/state_file.h"

/* A value that no configuration had for so long is forgotten. */
#define FORGET_S	((int64_t)400 * 24 * 3600)

/* -- reading -- */

/* There is a folder. */
static void
read_folder(const struct conf *conf, struct key_records *found,
    struct conf_diagnostics *diagnostics)
{
	const struct conf_where *at = &conf->state_dir_where;
	char *why = state_file_read(conf->state_dir, RECORDS_DISABLED,
	    conf->uid, found);

	if (why != NULL)
		conf_error(diagnostics, at->file, at->line, "option "
		    "'state_dir': %s: which keys are disabled is not known: "
		    "put back a copy of the file, or remove it, which enables "
		    "all of them", why);
	free(why);
	why = state_file_read(conf->state_dir, RECORDS_KEYS, conf->uid, found);
	if (why != NULL)
		conf_warning(diagnostics, at->file, at->line, "option "
		    "'state_dir': %s: what was known of keys is lost, and "
		    "learnt anew", why);
	free(why);
}

void
key_store_check(const struct conf *conf, struct conf_diagnostics *diagnostics)
{
	struct key_records found = { .n = 0 };

	if (conf->state_dir != NULL)
		read_folder(conf, &found, diagnostics);
	key_records_free(&found);
}

/*
 * Those that nothing is known of in a useful way.  What is disabled is so
 * however long no configuration had it.
 */
static void
forget_old(struct key_records *r, int64_t now)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++) {
		if (r->v[i].disabled != 0 || r->v[i].seen > now - FORGET_S)
			r->v[n++] = r->v[i];
	}
	r->n = n;
}

/* -- configurations -- */

/* Whether it keeps what becomes of keys elsewhere than now. */
static bool
moves(const struct key_store *s, const struct conf *conf)
{
	return conf->state_dir != NULL && (s->folder == NULL ||
	    strcmp(s->folder, conf->state_dir) != 0);
}

const struct key_records *
key_store_brought_by(const struct key_store *s, const struct conf *conf)
{
	return s->brought.conf == conf && moves(s, conf) ?
	    &s->brought.found : NULL;
}

static void
take_folder(struct key_store *s, const struct conf *conf,
    struct conf_diagnostics *diagnostics)
{
	const struct conf_where *at = &conf->state_dir_where;
	char *why = state_lock_take(conf->state_dir, conf->uid, s->lock,
	    &s->brought.lock);

	if (why != NULL)
		conf_error(diagnostics, at->file, at->line,
		    "option 'state_dir': %s", why);
	free(why);
}

void
key_store_let_go(struct brought *b)
{
	key_records_free(&b->found);
	state_writer_give_up(&b->writer);
	buf_release(&b->text);
	free(b->why);
	state_lock_leave(b->lock);
	b->lock = NULL;
	b->conf = NULL;
	b->written = false;
	b->why = NULL;
}

/* One that keeps what is disabled until now. */
static void
warn_of_none(struct key_store *s, const struct conf *conf,
    struct conf_diagnostics *diagnostics)
{
	const char *before = ": ";
	struct buf names;

	if (s->folder == NULL)
		return;
	s->now = key_notes_take_disabled(s->notes, 0);
	buf_init(&names, NULL);
	for (size_t i = 0; i < s->now->n; i++) {
		if (s->now->v[i].disabled == 0)
			continue;
		buf_printf(&names, "%s%s", before, s->now->v[i].name);
		before = ", ";
	}
	if (buf_len(&names) != 0)
		conf_warning(diagnostics, conf->file, 0, "there is no option "
		    "'state_dir' any more: a restart will forget which keys "
		    "are disabled%.*s", (int)buf_len(&names),
		    buf_text(&names).p);
	buf_release(&names);
}

void
key_store_bring(struct key_store *s, const struct conf *conf,
    struct conf_diagnostics *diagnostics)
{
	struct brought *b = &s->brought;

	key_store_let_go(b);
	if (conf->state_dir == NULL) {
		warn_of_none(s, conf, diagnostics);
		return;
	}
	b->conf = conf;
	if (moves(s, conf))
		take_folder(s, conf, diagnostics);
	read_folder(conf, &b->found, diagnostics);
	forget_old(&b->found, clock_wall() / NS_PER_S);
}

void
key_store_forget(struct key_store *s, const struct conf *conf)
{
	if (s->brought.conf == conf)
		key_store_let_go(&s->brought);
}

void
key_store_abandon(const struct key_store *s)
{
	state_lock_abandon(s->lock);
	if (s->brought.lock != s->lock)
		state_lock_abandon(s->brought.lock);
}

/* What was not answered is written there, or nowhere. */
static void
use_folder(struct key_store *s, const struct conf *conf)
{
	key_store_stop_writing(&s->keys);
	key_store_stop_writing(&s->disabled);
	free(s->folder);
	s->folder = conf->state_dir != NULL ? xstrdup(conf->state_dir) : NULL;
	s->uid = conf->uid;
	state_lock_leave(s->lock);
	s->lock = s->brought.lock;
	s->brought.lock = NULL;
	s->look_ns = 0;
	s->disabled.due = s->noted != s->answered;
	if (s->folder == NULL)
		key_store_answer(s, s->noted, "there is no state_dir");
}

void
key_store_open(struct key_store *s, const struct conf *conf)
{
	const struct key_records *found = key_store_brought_by(s, conf);

	use_folder(s, conf);
	if (found != NULL)
		key_notes_add(s->notes, found, NULL, NULL);
	key_store_let_go(&s->brought);
}

void
key_store_meet(struct key_store *s, const struct conf *conf,
    const struct stats_numbers *numbers)
{
	key_notes_meet(s->notes, conf, numbers,
	    key_store_brought_by(s, conf));
}

/* Its file says so anew, whatever became of it since it was read. */
static void
write_there(struct key_store *s)
{
	s->now = key_notes_take_disabled(s->notes, 0);
	for (size_t i = 0; i < s->now->n && !s->disabled.due; i++)
		s->disabled.due = s->now->v[i].disabled != 0;
}

void
key_store_serve(struct key_store *s, const struct conf *conf,
    void (*disabled)(void *owner, uint32_t number), void *owner)
{
	const struct key_records *found = key_store_brought_by(s, conf);

	key_notes_serve(s->notes, conf);
	if (found != NULL) {
		use_folder(s, conf);
		key_notes_add(s->notes, found, disabled, owner);
		write_there(s);
	} else if (conf->state_dir == NULL) {
		use_folder(s, conf);
	}
	key_store_let_go(&s->brought);
}
