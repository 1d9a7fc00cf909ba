/*
 * One cell of a table of keys by itself: whether it may be a key, the heading
 * of a column, or just words.  Pure; knows nothing of its neighbours.
 */
#ifndef KEYFILE_CELL_H
#define KEYFILE_CELL_H

#include <stdbool.h>

#include "base/text.h"

/*
 * Whether it may be in a message: it is a known heading or made of words, and
 * nothing in it could be part of a key.
 */
bool		 cell_may_be_shown(struct text);

/*
 * Whether it is made of short words, "created_by": no key, and no large part of
 * one, is like that.
 */
bool		 cell_is_wordy(struct text);

/*
 * Whether it looks like a key of Elastic Cloud ("essu_...") or of Elasticsearch
 * and ECE (base64 of parts with ":" between), whatever stands around it
 * (key_peel.h).
 */
bool		 cell_looks_like_key(struct text);

/* The same, or it may be the beginning of a key of Elastic Cloud. */
bool		 cell_may_be_key(struct text);

/*
 * Makes a name that a key may have of any text: characters that are not allowed
 * in it become "-".  out has room for CELL_NAME_SIZE bytes; it becomes empty
 * where nothing is left.
 */
#define CELL_NAME_SIZE	65
void		 cell_make_name(struct text, char *out);

#endif
