/*
 * The key-list editor: changes the text of a sealed file, libconfig with
 * `keys`, by small edits.  A key is added or removed, and every other byte
 * stays, comments and groups of other kinds included.  Pure.
 *
 * It only knows how brackets and commas make a list; the caller checks that the
 * text is valid before and after.
 */
#ifndef KEYFILE_KEY_LIST_H
#define KEYFILE_KEY_LIST_H

#include <stddef.h>

#include "base/secret.h"
#include "base/text.h"
#include "keyfile/key_entry.h"

enum key_list {
	KEY_LIST_OK,
	KEY_LIST_ODD,		/* not written in a way that can be edited */
	KEY_LIST_NOT_THERE,	/* no such key */
};

/*
 * The text with n more keys after the others.  *out is the caller's, set only
 * with KEY_LIST_OK.
 */
enum key_list	 key_list_add(struct text, const struct key_entry *, size_t n,
		    struct secret **out);

/*
 * The text without the index-th element of `keys`, from 0.  Comments around it
 * stay, those inside it are removed.
 */
enum key_list	 key_list_remove(struct text, size_t index,
		    struct secret **out);

#endif
