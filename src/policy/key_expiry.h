/*
 * Whether the time of a key is over.  Pure: times are told; all are seconds
 * since 1970, or CONF_NO_TIME.
 */
#ifndef POLICY_KEY_EXPIRY_H
#define POLICY_KEY_EXPIRY_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"

/* What is known of the end of a value. */
struct key_end {
	int64_t filed;		/* by its sealed file */
	int64_t told;		/* by the API */
};

/* The one that counts: what the API told, else what the file has. */
int64_t			key_end_counts(int64_t filed, int64_t told);

struct key_expiry {
	int64_t at;		/* the one that counts */
	bool over;
	bool doubted;		/* the end is the beginning of today, as a date
				   alone is read, while it may mean its end */
	int64_t next;		/* when this changes by itself; INT64_MAX:
				   never */
};

/*
 * A clock that shows a time before built, when the program was made, is wrong:
 * then nothing is over.
 */
struct key_expiry	key_expiry_judge(const struct key_end *, int64_t now,
			    int64_t built);

#endif
