/*
 * What is kept of keys; see key_store.h.
 */
#include "daemon/key_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "daemon/key_records.h"
#include "daemon/state_file.h"
#include "policy/key_state.h"
#include "stats/decided.h"
#include "stats/kept.h"

/* How often it looks whether something changed. */
#define LOOK_NS		(60 * NS_PER_S)

/* A value that no configuration had for so long is forgotten. */
#define DAY_S		((int64_t)24 * 3600)
#define FORGET_S	(400 * DAY_S)

struct current {
	uint8_t digest[DIGEST_SIZE];
	char name[RECORD_NAME];
};

struct key_store {
	struct stats_memory *memory;
	struct key_warnings *warnings;
	char *folder;			/* NULL: nothing is kept */
	struct key_records records;
	struct current *current;	/* the keys that serve, the last
					   first */
	size_t n_current;
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
	buf_init(&s->written, NULL);
	return s;
}

void
key_store_free(struct key_store *s)
{
	if (s == NULL)
		return;
	key_records_free(&s->records);
	buf_release(&s->written);
	free(s->current);
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

/* Those that nothing is known of in a useful way, which take no number. */
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

/* That of two values the later one was promoted stays so. */
static void
restore_decision(struct key_store *s, uint32_t number,
    const struct key_record *k, int64_t now)
{
	struct stats_decision d = { .promoted = (uint32_t)k->promoted };
	int64_t since = now - k->rejected;

	if (k->disabled != 0)
		d.facts |= KEY_OFF_DISABLED;
	if (k->rejected != 0) {
		d.facts |= KEY_OFF_REJECTED;
		since = since < 0 ? 0 : since < DAY_S ? since : DAY_S;
		d.rejected_ns = clock_boot() - since * NS_PER_S;
	}
	if (d.facts != 0 || d.promoted != 0)
		stats_decide(s->memory, number, d);
}

static void
restore(struct key_store *s, const struct key_record *k)
{
	const struct stats_kept kept = {
		.expires = k->expires, .outlived = k->outlived,
		.last_used = k->last_used, .requests = k->requests,
		.probed = k->probed,
	};
	const struct key_warned warned = {
		.expiry = { .expires = k->warned_expires,
			.lead = k->warned_lead },
		.differs = k->differs,
	};
	uint32_t number;

	if (!stats_number_of(s->memory, k->fingerprint, &number))
		return;
	stats_restore(s->memory, number, &kept);
	key_warnings_restore(s->warnings, number, &warned);
	restore_decision(s, number, k, clock_wall() / NS_PER_S);
}

static bool
is_current(const struct key_store *s, const uint8_t *digest)
{
	for (size_t i = 0; i < s->n_current; i++) {
		if (memcmp(s->current[i].digest, digest, DIGEST_SIZE) == 0)
			return true;
	}
	return false;
}

/*
 * Takes over what is kept in the folder about values of which nothing is known
 * here.  The faults of a file were told by key_store_check().
 */
static void
adopt(struct key_store *s, uint32_t uid)
{
	struct key_records found = { .n = 0 };

	free(state_file_read(s->folder, RECORDS_KEYS, uid, &found));
	free(state_file_read(s->folder, RECORDS_DISABLED, uid, &found));
	forget_old(&found, clock_wall() / NS_PER_S);
	for (size_t i = 0; i < found.n; i++) {
		const struct key_record *k = &found.v[i];

		if (key_records_find(&s->records, k->fingerprint) != NULL ||
		    is_current(s, k->fingerprint))
			continue;
		restore(s, k);
		*key_records_at(&s->records, k->fingerprint) = *k;
	}
	key_records_free(&found);
}

/* -- writing -- */

static void
note_decision(const struct key_store *s, uint32_t number,
    struct key_record *k)
{
	const struct stats_decision d = stats_decision(s->memory, number);
	bool rejected = (d.facts & KEY_OFF_REJECTED) != 0;

	k->promoted = d.promoted;
	if (!rejected)
		k->rejected = 0;
	else if (k->rejected == 0)
		k->rejected = (clock_wall() - (clock_boot() - d.rejected_ns)) /
		    NS_PER_S;
}

/* What is known now of a value of that number. */
static void
note(struct key_store *s, uint32_t number, struct key_record *k)
{
	const struct stats_kept kept = stats_kept(s->memory, number);
	const struct key_warned w = key_warnings_get(s->warnings, number);

	k->expires = kept.expires;
	k->outlived = kept.outlived;
	k->last_used = kept.last_used;
	k->requests = kept.requests;
	k->probed = kept.probed;
	k->warned_expires = w.expiry.expires;
	k->warned_lead = w.expiry.lead;
	k->differs = w.differs;
	note_decision(s, number, k);
}

/* By the day, so that it alone does not change a file each minute. */
static int64_t
today(void)
{
	int64_t now = clock_wall() / NS_PER_S;

	return now > 0 ? now - now % 86400 + 1 : 1;
}

/* Values of older configurations may still be used by their workers. */
static void
note_all(struct key_store *s)
{
	for (size_t i = 0; i < s->n_current; i++) {
		struct key_record *k = key_records_at(&s->records,
		    s->current[i].digest);

		memcpy(k->name, s->current[i].name, RECORD_NAME);
		k->seen = today();
	}
	for (size_t i = 0; i < s->records.n; i++) {
		struct key_record *k = &s->records.v[i];
		uint32_t number;

		if (stats_number_of(s->memory, k->fingerprint, &number))
			note(s, number, k);
	}
}

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

/* Writes what is disabled; as of key_store_keep_disabled(). */
static char *
write_disabled(struct key_store *s)
{
	char *why = state_file_write(s->folder, RECORDS_DISABLED, &s->records);

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
	/* That it fails was told when it was first tried. */
	if (s->owed)
		free(write_disabled(s));
	note_all(s);
	buf_init(&now, NULL);
	key_records_write(&s->records, RECORDS_KEYS, &now);
	if (!text_eq(buf_text(&now), buf_text(&s->written))) {
		why = state_file_write(s->folder, RECORDS_KEYS, &s->records);
		tell(s, why);
		if (why == NULL) {
			buf_release(&s->written);
			buf_append_text(&s->written, buf_text(&now));
		}
		free(why);
	}
	buf_release(&now);
}

/* Notes what is disabled, and for what is so only now, who asked for it. */
static void
note_disabled(struct key_store *s, uint32_t who)
{
	for (size_t i = 0; i < s->records.n; i++) {
		struct key_record *k = &s->records.v[i];
		uint32_t number;

		if (!stats_number_of(s->memory, k->fingerprint, &number))
			continue;
		if ((stats_decision(s->memory, number).facts &
		    KEY_OFF_DISABLED) == 0) {
			k->disabled = k->by = 0;
		} else if (k->disabled == 0) {
			k->disabled = clock_wall() / NS_PER_S;
			k->by = who;
		}
	}
}

bool
key_store_keeps(const struct key_store *s)
{
	return s->folder != NULL;
}

char *
key_store_keep_disabled(struct key_store *s, uint32_t who)
{
	note_all(s);
	note_disabled(s, who);
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

/* What is disabled stays so in another folder, too. */
static void
move_disabled(struct key_store *s)
{
	bool any = false;
	char *why;

	note_disabled(s, 0);
	for (size_t i = 0; i < s->records.n; i++)
		any = any || s->records.v[i].disabled != 0;
	why = any ? write_disabled(s) : NULL;
	if (why != NULL)
		log_error("%s: a restart will forget which keys are disabled",
		    why);
	free(why);
}

void
key_store_open(struct key_store *s, const struct conf *conf)
{
	bool first = s->records.n == 0;

	if (s->folder != NULL && conf->state_dir != NULL &&
	    strcmp(s->folder, conf->state_dir) == 0)
		return;
	free(s->folder);
	s->folder = NULL;
	s->owed = false;
	buf_release(&s->written);
	s->look_ns = 0;
	if (conf->state_dir == NULL)
		return;
	s->folder = xstrdup(conf->state_dir);
	adopt(s, conf->uid);
	if (!first)
		move_disabled(s);
}

/* The first of a value's names comes last, and stays in its record. */
void
key_store_serve(struct key_store *s, const struct conf *conf)
{
	free(s->current);
	s->n_current = 0;
	s->current = xcalloc(conf->n_keys, sizeof(*s->current));
	for (size_t i = conf->n_keys; i-- > 0;) {
		const struct conf_key *k = &conf->keys[i];
		struct current *c = &s->current[s->n_current];
		struct text value = secret_text(k->value);

		(void)snprintf(c->name, sizeof(c->name), "%s", k->name);
		if (digest_sha256(value.p, value.n, c->digest))
			s->n_current++;
	}
	key_store_open(s, conf);
}
