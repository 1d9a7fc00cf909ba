/*
 * What is known of keys as records, and records as what is known: by the
 * numbers of values (stats/numbers.h) for those that a configuration had since
 * the start, and as they were read for all others.  Only those that a
 * configuration lists have a number, so what is remembered takes no place away.
 * Knows no files.
 */
#ifndef KEYS_KEY_NOTES_H
#define KEYS_KEY_NOTES_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"
#include "keys/key_records.h"
#include "keys/key_warnings.h"
#include "stats/memory.h"
#include "stats/numbers.h"

struct key_notes;

/* Both are borrowed. */
struct key_notes	*key_notes_new(struct stats_memory *,
			    struct key_warnings *);
void			 key_notes_free(struct key_notes *);

/*
 * A configuration whose workers will start: what the records say of its keys is
 * known from now on, where nothing is yet.  also, which may be NULL, are those
 * of a folder that it brings.
 */
void			 key_notes_meet(struct key_notes *,
			    const struct conf *, const struct stats_numbers *,
			    const struct key_records *also);

/* That one serves now: its names are those in records. */
void			 key_notes_serve(struct key_notes *,
			    const struct conf *);

/*
 * Takes over what others say.  Of a value that has a record that one counts,
 * but what is disabled by either is.  For each that they disable, and that a
 * configuration had, disabled is called with its number; it may be NULL where
 * none had any.
 */
void			 key_notes_add(struct key_notes *,
			    const struct key_records *,
			    void (*disabled)(void *owner, uint32_t number),
			    void *owner);

/* The last promotion that a record tells of; 0: none does. */
uint32_t		 key_notes_promoted(const struct key_notes *);

/* What is known now; valid until the next call. */
const struct key_records	*key_notes_take(struct key_notes *);

/*
 * The same after what is disabled was noted as well, and for what is so only
 * now, who asked for it: RECORD_BY(), or 0 where that is not known.
 */
const struct key_records	*key_notes_take_disabled(struct key_notes *,
			    int64_t by);

#endif
