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
#include "stats/decided.h"

/* How often it looks whether something changed. */
#define LOOK_NS		(60 * NS_PER_S)

/* A value that no configuration had for so long is forgotten. */
#define FORGET_S	((int64_t)400 * 24 * 3600)

struct key_store {
	struct stats_memory *memory;
	struct key_warnings *warnings;
	struct key_notes *notes;
	char *folder;			/* NULL: nothing is kept */
	const struct key_records *now;	/* as noted last */
	struct buf written;		/* what the file says */
	int64_t look_ns;		/* when to look next, monotonic */
	uint64_t told, decided;		/* warnings and decisions, when it was
					   written */
	bool failing;			/* it could not be written */
	bool owed;			/* what is disabled could not be */
};

struct key_store *
key_store_new(struct stats_memory *memory, struct key_warnings *warnings)
{
	struct key_store *s = xcalloc(1, sizeof(*s));

	s->memory = memory;
	s->warnings = warnings;
	s->notes = key_notes_new(memory, warnings);
	buf_init(&s->written, NULL);
	return s;
}

void
key_store_free(struct key_store *s)
{
	if (s == NULL)
		return;
	key_notes_free(s->notes);
	buf_release(&s->written);
	free(s->folder);
	free(s);
}

/* -- reading -- */

void
key_store_check(const struct conf *conf, struct conf_diagnostics *diagnostics)
{
	const struct conf_where *at = &conf->state_dir_where;
	struct key_records records = { .n = 0 };
	char *why;

	if (conf->state_dir == NULL)
		return;
	why = state_file_read(conf->state_dir, RECORDS_DISABLED, conf->uid,
	    &records);
	if (why != NULL)
		conf_error(diagnostics, at->file, at->line, "option "
		    "'state_dir': %s: which keys are disabled is not known: "
		    "put back a copy of the file, or remove it, which enables "
		    "all of them", why);
	free(why);
	why = state_file_read(conf->state_dir, RECORDS_KEYS, conf->uid,
	    &records);
	if (why != NULL)
		conf_warning(diagnostics, at->file, at->line, "option "
		    "'state_dir': %s: what was known of keys is lost, and "
		    "learnt anew", why);
	free(why);
	key_records_free(&records);
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

/* The faults of a file were told by key_store_check(). */
static void
read_folder(const struct conf *conf, struct key_records *found)
{
	free(state_file_read(conf->state_dir, RECORDS_KEYS, conf->uid, found));
	free(state_file_read(conf->state_dir, RECORDS_DISABLED, conf->uid,
	    found));
	forget_old(found, clock_wall() / NS_PER_S);
}

/* -- writing -- */

static void
tell(struct key_store *s, const char *why)
{
	if (why != NULL && !s->failing)
		log_warn("%s: what becomes of keys is not kept until that is "
		    "mended", why);
	else if (why == NULL && s->failing)
		log_info("%s: what becomes of keys is kept again", s->folder);
	s->failing = why != NULL;
}

/* As it was noted last. */
static char *
write_file(const struct key_store *s, enum records_file file)
{
	/* No start would read it. */
	if (s->now->n > RECORDS_MOST)
		return xasprintf("%s: more than %d keys are disabled",
		    s->folder, RECORDS_MOST);
	return state_file_write(s->folder, file, s->now);
}

/* Writes what is disabled; as of key_store_keep_disabled(). */
static char *
write_disabled(struct key_store *s)
{
	char *why = write_file(s, RECORDS_DISABLED);

	if (why == NULL && s->owed)
		log_info("%s: which keys are disabled is kept now", s->folder);
	s->owed = why != NULL;
	return why;
}

void
key_store_write(struct key_store *s)
{
	struct buf now;
	char *why;

	s->told = key_warnings_told(s->warnings);
	s->decided = stats_decisions(s->memory);
	if (s->folder == NULL)
		return;
	s->now = key_notes_take(s->notes);
	/* That it fails was told when it was first tried. */
	if (s->owed)
		free(write_disabled(s));
	buf_init(&now, NULL);
	key_records_write(s->now, RECORDS_KEYS, &now);
	if (!text_eq(buf_text(&now), buf_text(&s->written))) {
		why = write_file(s, RECORDS_KEYS);
		tell(s, why);
		if (why == NULL) {
			buf_release(&s->written);
			buf_append_text(&s->written, buf_text(&now));
		}
		free(why);
	}
	buf_release(&now);
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

char *
key_store_keep_disabled(struct key_store *s, uint32_t who)
{
	s->now = key_notes_take_disabled(s->notes, who);
	if (s->folder == NULL)
		return xstrdup("there is no state_dir");
	return write_disabled(s);
}

int64_t
key_store_step(struct key_store *s)
{
	int64_t now = clock_monotonic();

	if (s->folder == NULL)
		return INT64_MAX;
	if (now >= s->look_ns || s->told != key_warnings_told(s->warnings) ||
	    s->decided != stats_decisions(s->memory)) {
		key_store_write(s);
		s->look_ns = now + LOOK_NS;
	}
	return s->look_ns;
}

/* -- configurations -- */

/* Whether it keeps what becomes of keys elsewhere than now. */
static bool
moves(const struct key_store *s, const struct conf *conf)
{
	return conf->state_dir != NULL && (s->folder == NULL ||
	    strcmp(s->folder, conf->state_dir) != 0);
}

static void
use_folder(struct key_store *s, const struct conf *conf)
{
	free(s->folder);
	s->folder = conf->state_dir != NULL ? xstrdup(conf->state_dir) : NULL;
	s->owed = false;
	buf_release(&s->written);
	s->look_ns = 0;
}

void
key_store_open(struct key_store *s, const struct conf *conf)
{
	struct key_records found = { .n = 0 };

	use_folder(s, conf);
	if (s->folder == NULL)
		return;
	read_folder(conf, &found);
	key_notes_add(s->notes, &found, NULL, NULL);
	key_records_free(&found);
}

void
key_store_meet(struct key_store *s, const struct conf *conf,
    const struct stats_numbers *numbers)
{
	struct key_records found = { .n = 0 };

	if (moves(s, conf))
		read_folder(conf, &found);
	key_notes_meet(s->notes, conf, numbers, &found);
	key_records_free(&found);
}

/* What is disabled stays so in another folder, too. */
static void
write_there(struct key_store *s)
{
	bool any = false;
	char *why;

	s->now = key_notes_take_disabled(s->notes, 0);
	for (size_t i = 0; i < s->now->n; i++)
		any = any || s->now->v[i].disabled != 0;
	why = any ? write_disabled(s) : NULL;
	if (why != NULL)
		log_error("%s: a restart will forget which keys are disabled",
		    why);
	free(why);
}

void
key_store_serve(struct key_store *s, const struct conf *conf,
    void (*disabled)(void *owner, uint32_t number), void *owner)
{
	struct key_records found = { .n = 0 };

	key_notes_serve(s->notes, conf);
	if (moves(s, conf)) {
		use_folder(s, conf);
		read_folder(conf, &found);
		key_notes_add(s->notes, &found, disabled, owner);
		key_records_free(&found);
		write_there(s);
	} else if (conf->state_dir == NULL) {
		use_folder(s, conf);
	}
}
