/*
 * Finds the value of a key in the text that was given for one: a line that was
 * typed, a file, a cell of a table.  Text that certainly does not belong to the
 * value is left out, and the rest is refused only where it cannot be a key at
 * all.  Pure.
 */
#ifndef KEYFILE_KEY_VALUE_H
#define KEYFILE_KEY_VALUE_H

#include "base/secret.h"
#include "base/text.h"

#define KEY_VALUE_REMARKS	4

struct key_value {
	struct secret *value;		/* NULL: refused */
	const char *refused;		/* why; completes "the value ..." */
	/* Remarks about a value that was taken; each completes "key 'NAME'
	 * ...".  None quotes the text that was given. */
	char *remarks[KEY_VALUE_REMARKS];
	size_t n_remarks;
};

/*
 * field and scheme are those with which the key will be sent; NULL: those of
 * Elastic Cloud.  key_value_free() it in either case.
 *
 * The following is left out: text that key_peel.h knows, JSON (key_json.h),
 * other lines where just one looks like a key, line ends inside it, and all
 * text around a key of Elastic Cloud whose check sum is right.
 */
void	key_value_read(struct key_value *, struct text given,
	    const char *field, const char *scheme);

/* Wipes the value. */
void	key_value_free(struct key_value *);

#endif
