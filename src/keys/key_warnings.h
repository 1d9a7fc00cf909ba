/*
 * Tells people that keys expire: once for each threshold and value, whatever
 * its names are, however many workers there are and however often the
 * configuration is loaded.  Given by the parent.  policy/expiry_warning decides
 * what is due; what a value's API told counts, before that its sealed file.
 * Where the two differ, that is told once, too.  That the first threshold of a
 * value is passed is noted in what is decided (KEY_ENDING), which makes it
 * expiring where it serves.  Of all that changes a state this alone is not done
 * by the key keeper: no worker acts upon it, and key-expiring, which tells it,
 * is logged here.
 */
#ifndef KEYS_KEY_WARNINGS_H
#define KEYS_KEY_WARNINGS_H

#include <stdint.h>

#include "conf/conf.h"
#include "policy/expiry_warning.h"
#include "stats/memory.h"
#include "stats/numbers.h"

struct key_warnings;

/* What was told of a value; all zero: nothing yet. */
struct key_warned {
	struct expiry_warned expiry;
	int64_t differs;		/* the API's time that its file
					   contradicts; 0: none */
};

/* The memory is borrowed. */
struct key_warnings	*key_warnings_new(struct stats_memory *);
void			 key_warnings_free(struct key_warnings *);

/*
 * The configuration that serves from now on, and the numbers of its keys; they
 * are borrowed until the next one.
 */
void			 key_warnings_serve(struct key_warnings *,
			    const struct conf *, const struct stats_numbers *);

/*
 * Gives the warnings that are due; returns when to call again (monotonic), or
 * INT64_MAX.
 */
int64_t			 key_warnings_tell(struct key_warnings *);

/* How many times something was told. */
uint64_t		 key_warnings_told(const struct key_warnings *);

/* What was told of the value of this number, here or before a restart. */
struct key_warned	 key_warnings_get(const struct key_warnings *,
			    uint32_t number);
void			 key_warnings_restore(struct key_warnings *,
			    uint32_t number, const struct key_warned *);

#endif
