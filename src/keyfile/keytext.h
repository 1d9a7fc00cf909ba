/*
 * The text of a sealed file, libconfig with `keys`, changed by hand-sized
 * edits: a key goes in or out, and every other byte, comments and groups of
 * other kinds included, stays.  Pure.
 *
 * Knows how brackets and commas make a list, and no more; that a text is
 * valid, before and after, is for the caller to check.
 */
#ifndef KEYFILE_KEYTEXT_H
#define KEYFILE_KEYTEXT_H

#include <stddef.h>

#include "base/secret.h"
#include "base/text.h"
#include "keyfile/key_entry.h"

enum keytext {
	KEYTEXT_OK,
	KEYTEXT_ODD,		/* not written in a way that can be edited */
	KEYTEXT_NOT_THERE,	/* no such key */
};

/*
 * The text with n keys more, behind the others.  *out is the caller's; only
 * where KEYTEXT_OK.
 */
enum keytext	 keytext_add(struct text, const struct key_entry *, size_t n,
		    struct secret **out);

/*
 * The text without the index-th element of `keys`, from 0.  The comments
 * around it stay, those inside go with it.
 */
enum keytext	 keytext_remove(struct text, size_t index,
		    struct secret **out);

#endif
