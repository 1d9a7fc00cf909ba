/*
 * What is known of keys, as records; see key_notes.h.
 */
#include "keys/key_notes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "policy/key_state.h"
#include "stats/counts.h"
#include "stats/decided.h"
#include "stats/kept.h"

#define DAY_S		((int64_t)24 * 3600)

struct current {
	uint8_t digest[DIGEST_SIZE];
	char name[RECORD_NAME];
};

struct key_notes {
	struct stats_memory *memory;
	struct key_warnings *warnings;
	struct key_records records;
	struct current *current;	/* the keys that serve, the last
					   first */
	size_t n_current;
	bool met[STATS_KEYS];		/* what the records said of that value
					   is known */
};

struct key_notes *
key_notes_new(struct stats_memory *memory, struct key_warnings *warnings)
{
	struct key_notes *n = xcalloc(1, sizeof(*n));

	n->memory = memory;
	n->warnings = warnings;
	return n;
}

void
key_notes_free(struct key_notes *n)
{
	if (n == NULL)
		return;
	key_records_free(&n->records);
	free(n->current);
	free(n);
}

/* -- from records -- */

/*
 * A time of the wall clock by clock_boot().  One to come is of a clock that was
 * set: it was long ago.
 */
static int64_t
boot_of(int64_t at, int64_t now)
{
	int64_t since = now >= at && now - at < DAY_S ? now - at : DAY_S;

	return clock_boot() - since * NS_PER_S;
}

/*
 * It was decided, and logged, before the restart.  That of two values the later
 * one was promoted stays so.
 */
static void
restore_decision(struct key_notes *n, uint32_t number,
    const struct key_record *k, int64_t now)
{
	struct stats_decision d = {
		.promoted = (uint32_t)k->promoted,
		.promoted_at = k->promoted_at,
		.ended = k->ended,
		.given_up = k->given_up,
	};

	/* That it is over is found out in a moment, and no news then. */
	if (k->ended != 0)
		d.off_ns = boot_of(k->ended, now);
	if (k->disabled != 0) {
		d.facts |= KEY_OFF_DISABLED;
		d.off_ns = boot_of(k->disabled, now);
	}
	if (k->rejected != 0) {
		d.facts |= KEY_OFF_REJECTED;
		d.rejected_ns = boot_of(k->rejected, now);
		if (k->disabled == 0 || d.rejected_ns < d.off_ns)
			d.off_ns = d.rejected_ns;
	}
	if (d.facts != 0 || d.promoted != 0 || d.ended != 0 || d.given_up != 0)
		stats_decide(n->memory, number, d);
}

static void
restore(struct key_notes *n, uint32_t number, const struct key_record *k)
{
	const struct stats_kept kept = {
		.expires = k->expires, .last_used = k->last_used,
		.requests = k->requests, .probed = k->probed,
	};
	const struct key_warned warned = {
		.expiry = { .expires = k->warned_expires,
			.lead = k->warned_lead },
		.differs = k->differs,
	};

	stats_restore(n->memory, number, &kept);
	key_warnings_restore(n->warnings, number, &warned);
	restore_decision(n, number, k, clock_wall() / NS_PER_S);
}

/* What is known here counts, but what is disabled by either is. */
static void
merge(struct key_record *k, const struct key_record *also)
{
	if (k->disabled != 0)
		return;
	k->disabled = also->disabled;
	k->by = also->by;
}

static void
meet(struct key_notes *n, uint32_t number, const uint8_t *digest,
    const struct key_records *also)
{
	const struct key_record *k = key_records_find(&n->records, digest);
	const struct key_record *other = also != NULL ?
	    key_records_find(also, digest) : NULL;
	struct key_record both;

	if (k == NULL && other == NULL)
		return;
	both = k != NULL ? *k : *other;
	if (other != NULL)
		merge(&both, other);
	restore(n, number, &both);
}

void
key_notes_meet(struct key_notes *n, const struct conf *conf,
    const struct stats_numbers *numbers, const struct key_records *also)
{
	uint8_t digest[DIGEST_SIZE];

	for (size_t i = 0; i < conf->n_keys; i++) {
		uint32_t number = numbers->keys[i];

		if (n->met[number] ||
		    !stats_value_digest(&conf->keys[i], digest))
			continue;
		n->met[number] = true;
		meet(n, number, digest, also);
	}
}

/* The number of a value that a configuration had since the start. */
static bool
is_met(const struct key_notes *n, const struct key_record *k,
    uint32_t *number)
{
	return stats_number_of(n->memory, k->fingerprint, number) &&
	    n->met[*number];
}

static bool
is_disabled(const struct key_notes *n, uint32_t number)
{
	return (stats_decision(n->memory, number).facts &
	    KEY_OFF_DISABLED) != 0;
}

void
key_notes_add(struct key_notes *n, const struct key_records *found,
    void (*disabled)(void *owner, uint32_t number), void *owner)
{
	for (size_t i = 0; i < found->n; i++) {
		const struct key_record *k = &found->v[i];
		uint32_t number;

		if (key_records_find(&n->records, k->fingerprint) == NULL)
			*key_records_at(&n->records, k->fingerprint) = *k;
		else
			merge(key_records_at(&n->records, k->fingerprint), k);
		if (k->disabled != 0 && is_met(n, k, &number) &&
		    !is_disabled(n, number))
			disabled(owner, number);
	}
}

uint32_t
key_notes_promoted(const struct key_notes *n)
{
	int64_t last = 0;

	for (size_t i = 0; i < n->records.n; i++) {
		if (n->records.v[i].promoted > last)
			last = n->records.v[i].promoted;
	}
	return (uint32_t)last;
}

/* -- to records -- */

static void
note_decision(const struct key_notes *n, uint32_t number,
    struct key_record *k)
{
	const struct stats_decision d = stats_decision(n->memory, number);
	bool rejected = (d.facts & KEY_OFF_REJECTED) != 0;

	k->promoted = d.promoted;
	k->promoted_at = d.promoted_at;
	k->ended = d.ended;
	k->given_up = d.given_up;
	if (!rejected)
		k->rejected = 0;
	else if (k->rejected == 0)
		k->rejected = (clock_wall() - (clock_boot() - d.rejected_ns)) /
		    NS_PER_S;
}

/* What is known now of a value of that number. */
static void
note(const struct key_notes *n, uint32_t number, struct key_record *k)
{
	const struct stats_kept kept = stats_kept(n->memory, number);
	const struct key_warned w = key_warnings_get(n->warnings, number);

	k->expires = kept.expires;
	k->last_used = kept.last_used;
	k->requests = kept.requests;
	k->probed = kept.probed;
	k->warned_expires = w.expiry.expires;
	k->warned_lead = w.expiry.lead;
	k->differs = w.differs;
	note_decision(n, number, k);
}

/* By the day, so that it alone does not change a file each minute. */
static int64_t
today(void)
{
	int64_t now = clock_wall() / NS_PER_S;

	return now > 0 ? now - now % DAY_S + 1 : 1;
}

/* 0 says that it is not disabled, also where the clock was never set. */
static int64_t
disabled_now(void)
{
	int64_t now = clock_wall() / NS_PER_S;

	return now > 0 ? now : 1;
}

/* Values of older configurations may still be used by their workers. */
static void
note_all(struct key_notes *n)
{
	uint32_t number;

	for (size_t i = 0; i < n->n_current; i++) {
		struct key_record *k = key_records_at(&n->records,
		    n->current[i].digest);

		memcpy(k->name, n->current[i].name, RECORD_NAME);
		k->seen = today();
	}
	for (size_t i = 0; i < n->records.n; i++) {
		struct key_record *k = &n->records.v[i];

		if (is_met(n, k, &number))
			note(n, number, k);
	}
}

/* The first of a value's names comes last, and stays in its record. */
void
key_notes_serve(struct key_notes *n, const struct conf *conf)
{
	/* Those that served until now, which may be disabled still. */
	note_all(n);
	free(n->current);
	n->n_current = 0;
	n->current = xcalloc(conf->n_keys, sizeof(*n->current));
	for (size_t i = conf->n_keys; i-- > 0;) {
		const struct conf_key *k = &conf->keys[i];
		struct current *c = &n->current[n->n_current];

		(void)snprintf(c->name, sizeof(c->name), "%s", k->name);
		if (stats_value_digest(k, c->digest))
			n->n_current++;
	}
}

static void
note_disabled(struct key_notes *n, int64_t by)
{
	uint32_t number;

	for (size_t i = 0; i < n->records.n; i++) {
		struct key_record *k = &n->records.v[i];

		if (!is_met(n, k, &number))
			continue;
		if (!is_disabled(n, number)) {
			k->disabled = k->by = 0;
		} else if (k->disabled == 0) {
			k->disabled = disabled_now();
			k->by = by;
		}
	}
}

const struct key_records *
key_notes_take(struct key_notes *n)
{
	note_all(n);
	key_records_limit(&n->records, RECORDS_MOST);
	return &n->records;
}

const struct key_records *
key_notes_take_disabled(struct key_notes *n, int64_t by)
{
	note_all(n);
	note_disabled(n, by);
	key_records_limit(&n->records, RECORDS_MOST);
	return &n->records;
}
