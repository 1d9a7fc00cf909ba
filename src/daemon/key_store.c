/*
 * What is kept of keys; see key_store.h.
 */
#include "daemon/key_store.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "daemon/key_notes.h"
#include "daemon/state_file.h"
#include "daemon/state_lock.h"
#include "daemon/state_writer.h"
#include "stats/decided.h"

/* How often it looks whether something changed. */
#define LOOK_NS		(60 * NS_PER_S)

/* How long it waits for a disk at the end. */
#define END_NS		(5 * NS_PER_S)

/* A value that no configuration had for so long is forgotten. */
#define FORGET_S	((int64_t)400 * 24 * 3600)

/* A file, and who writes it. */
struct half {
	enum records_file file;
	struct state_writer writer;
	bool due;			/* to be written anew */
	bool failing;			/* it could not be */
	struct buf text;		/* that was or is written last */
};

/* A configuration that may come to serve, and what its folder says. */
struct brought {
	const struct conf *conf;	/* NULL: none */
	struct state_lock *lock;	/* NULL: it brings no other folder, or
					   one that cannot be written */
	struct key_records found;
};

struct key_store {
	struct key_store_conf conf;
	struct key_notes *notes;
	char *folder;			/* NULL: nothing is kept */
	uint32_t uid;			/* that root becomes */
	struct state_lock *lock;	/* NULL: not taken yet, as it cannot be
					   written */
	const struct key_records *now;	/* as noted last */
	struct half keys, disabled;
	int64_t look_ns;		/* when to look next, monotonic */
	uint64_t told, decided;		/* warnings and decisions, when it
					   looked last */
	/* Orders: how many, in the text above, and that were answered. */
	uint64_t noted, sent, answered;
	bool moved;			/* what is disabled, to this folder */
	struct brought brought;
};

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
	return s;
}

static void
stop_writing(struct half *h)
{
	state_writer_give_up(&h->writer);
	buf_release(&h->text);
	h->due = h->failing = false;
}

static void
let_go(struct brought *b)
{
	key_records_free(&b->found);
	state_lock_leave(b->lock);
	b->lock = NULL;
	b->conf = NULL;
}

void
key_store_free(struct key_store *s)
{
	if (s == NULL)
		return;
	stop_writing(&s->keys);
	stop_writing(&s->disabled);
	let_go(&s->brought);
	state_lock_leave(s->lock);
	key_notes_free(s->notes);
	free(s->folder);
	free(s);
}

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

/* -- writing -- */

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

static void
answer(struct key_store *s, uint64_t number, const char *why)
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

	if (why != NULL && s->moved)
		log_error("%s: a restart will forget which keys are disabled",
		    why);
	else if (why == NULL && h->failing)
		log_info("%s: which keys are disabled is kept now",
		    s->folder);
	s->moved = false;
	h->failing = why != NULL;
	answer(s, number, why);
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

static int64_t
step(struct key_store *s, struct half *h, int64_t now)
{
	int64_t until;

	if (h->due && !state_writer_is_busy(&h->writer))
		begin(s, h);
	until = state_writer_step(&h->writer, now);
	if (h->writer.late)
		complain(s, h);
	return until;
}

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

	if (s->folder == NULL)
		return INT64_MAX;
	if (now >= s->look_ns ||
	    s->told != key_warnings_told(s->conf.warnings) ||
	    s->decided != stats_decisions(s->conf.memory))
		look(s, now);
	until = clock_earlier(s->look_ns, step(s, &s->disabled, now));
	return clock_earlier(until, step(s, &s->keys, now));
}

bool
key_store_reap(struct key_store *s, pid_t pid, int wait_status)
{
	char *why;

	if (state_writer_reap(&s->disabled.writer, pid, wait_status, &why))
		ended(s, &s->disabled, why);
	else if (state_writer_reap(&s->keys.writer, pid, wait_status, &why))
		ended(s, &s->keys, why);
	else
		return false;
	return true;
}

static void
finish(struct key_store *s, struct half *h, int64_t until)
{
	if (state_writer_is_busy(&h->writer))
		ended(s, h, state_writer_await(&h->writer, until));
	if (h->due || h->failing || h == &s->keys)
		begin(s, h);
	if (state_writer_is_busy(&h->writer))
		ended(s, h, state_writer_await(&h->writer, until));
}

void
key_store_end(struct key_store *s)
{
	int64_t until = clock_monotonic() + END_NS;

	if (s->folder == NULL)
		return;
	finish(s, &s->disabled, until);
	finish(s, &s->keys, until);
}

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

/* -- configurations -- */

/* Whether it keeps what becomes of keys elsewhere than now. */
static bool
moves(const struct key_store *s, const struct conf *conf)
{
	return conf->state_dir != NULL && (s->folder == NULL ||
	    strcmp(s->folder, conf->state_dir) != 0);
}

/* What was read of a folder that it brings, or NULL. */
static struct key_records *
brought_by(struct key_store *s, const struct conf *conf)
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
key_store_bring(struct key_store *s, const struct conf *conf,
    struct conf_diagnostics *diagnostics)
{
	struct brought *b = &s->brought;

	let_go(b);
	if (conf->state_dir == NULL)
		return;
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
		let_go(&s->brought);
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
	stop_writing(&s->keys);
	stop_writing(&s->disabled);
	free(s->folder);
	s->folder = conf->state_dir != NULL ? xstrdup(conf->state_dir) : NULL;
	s->uid = conf->uid;
	state_lock_leave(s->lock);
	s->lock = s->brought.lock;
	s->brought.lock = NULL;
	s->look_ns = 0;
	s->disabled.due = s->noted != s->answered;
	if (s->folder == NULL)
		answer(s, s->noted, "there is no state_dir");
}

void
key_store_open(struct key_store *s, const struct conf *conf)
{
	const struct key_records *found = brought_by(s, conf);

	use_folder(s, conf);
	if (found != NULL)
		key_notes_add(s->notes, found, NULL, NULL);
	let_go(&s->brought);
}

void
key_store_meet(struct key_store *s, const struct conf *conf,
    const struct stats_numbers *numbers)
{
	key_notes_meet(s->notes, conf, numbers, brought_by(s, conf));
}

/* What is disabled stays so in another folder, too. */
static void
write_there(struct key_store *s)
{
	s->now = key_notes_take_disabled(s->notes, 0);
	for (size_t i = 0; i < s->now->n && !s->moved; i++)
		s->moved = s->now->v[i].disabled != 0;
	s->disabled.due = s->disabled.due || s->moved;
}

void
key_store_serve(struct key_store *s, const struct conf *conf,
    void (*disabled)(void *owner, uint32_t number), void *owner)
{
	const struct key_records *found = brought_by(s, conf);

	key_notes_serve(s->notes, conf);
	if (found != NULL) {
		use_folder(s, conf);
		key_notes_add(s->notes, found, disabled, owner);
		write_there(s);
	} else if (conf->state_dir == NULL) {
		use_folder(s, conf);
	}
	let_go(&s->brought);
}
