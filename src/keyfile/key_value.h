/*
 * The value of a key out of what was given for one, by whatever verb and from
 * wherever: a line that was typed, a file, a cell of a table.  What certainly
 * does not belong to it is left out, and what is left is refused only where it
 * can be no key at all.  Pure.
 */
#ifndef KEYFILE_KEY_VALUE_H
#define KEYFILE_KEY_VALUE_H

#include "base/secret.h"
#include "base/text.h"

#define KEY_VALUE_REMARKS	4

struct key_value {
	struct secret *value;		/* NULL: refused */
	const char *refused;		/* why; completes "the value ..." */
	/* What is to be said of one that was taken; each completes "key
	   'NAME' ...".  None holds anything of what was given. */
	char *remarks[KEY_VALUE_REMARKS];
	size_t n_remarks;
};

/*
 * field and scheme are what the key is to be sent with; NULL: as keys of
 * Elastic Cloud are.  key_value_free() it in either case.
 *
 * Left out are what key_peel.h knows, JSON (key_json.h), other lines where
 * just one looks like a key, line ends inside it, and whatever stands around
 * a key of Elastic Cloud whose check sum is right.
 */
void	key_value_read(struct key_value *, struct text given,
	    const char *field, const char *scheme);

/* Wipes the value. */
void	key_value_free(struct key_value *);

#endif
