/*
 * When the end of a key, or of a certificate, is worth a warning.  Pure: times
 * are told, and what was warned of is kept by the caller.
 *
 * A threshold counts where it is shorter than half of its life, as far as that
 * is known; a part of the life only where no time counts.  So nothing is warned
 * of in the first half of its life.  All times are seconds, those of the
 * clock since 1970.
 */
#ifndef POLICY_EXPIRY_WARNING_H
#define POLICY_EXPIRY_WARNING_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"

/* CONF_NO_TIME where one of them is not known. */
struct key_life {
	int64_t created, expires;
};

/* A threshold of that life, and what it comes to; lead 0: none. */
struct expiry_warning {
	const struct conf_threshold *threshold;
	int64_t lead;			/* before the end */
};

/*
 * The last threshold that counts and has come; none once the key has expired:
 * that is told in other words.
 */
struct expiry_warning	expiry_warning_due(const struct conf_thresholds *,
			    const struct key_life *, int64_t now);

/* When the next one comes after now; INT64_MAX: none does. */
int64_t			expiry_warning_next(const struct conf_thresholds *,
			    const struct key_life *, int64_t now);

/* When the first one of all comes; INT64_MAX: there is none. */
int64_t			expiry_warning_first(const struct conf_thresholds *,
			    const struct key_life *);

/* A warning that was given, and the end that it was about; lead 0: none. */
struct expiry_warned {
	int64_t expires, lead;
};

/*
 * A warning is due that was not given yet.  One of a shorter lead stands for
 * those before it, so that none is repeated when the clock is set back.  An end
 * that moved by less than half of the lead, and a day at most, is the same one:
 * files often name the day alone.
 */
bool			expiry_warning_is_new(const struct expiry_warned *,
			    const struct expiry_warning *, int64_t expires);

/*
 * The sealed file and the API name different times.  The file may have the day
 * alone, and the API may leave out the seconds.
 */
bool			expiry_differs(int64_t filed, int64_t told);

#endif
