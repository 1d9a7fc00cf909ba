/*
 * When the end of a certificate of ours, of an authority that we trust, or of a
 * list of revoked ones is worth a warning, and the words of it.  The thresholds
 * are those of keys, by the same rule.  Pure: the time is told, in seconds
 * since 1970.
 */
#ifndef POLICY_DUE_WARNING_H
#define POLICY_DUE_WARNING_H

#include <stdint.h>

#include "conf/conf.h"
#include "policy/expiry_warning.h"

/* How long it lives, for expiry_warning.h. */
struct key_life	 due_life(const struct conf_due *);

/*
 * The warning that is due now, with what to do, to be freed; NULL: none is.
 * That it has ended, or is not good yet, is one whatever the thresholds are.
 */
char		*due_warning(const struct conf_due *,
		    const struct conf_thresholds *, int64_t now)
		    __attribute__((warn_unused_result));

/* Describes the end at any time; to be freed. */
char		*due_text(const struct conf_due *)
		    __attribute__((warn_unused_result));

#endif
