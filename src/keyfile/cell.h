/*
 * One cell of a table of keys by itself: what it may be, a key, the heading
 * of a column or just words.  Pure; knows nothing of what stands around it.
 */
#ifndef KEYFILE_CELL_H
#define KEYFILE_CELL_H

#include <stdbool.h>

#include "base/text.h"

/*
 * It may be in a message: a heading that is known or made of words, with
 * nothing in it that could be part of a key.
 */
bool		 cell_may_be_shown(struct text);

/*
 * Made of short words, "created_by": no key is like that, nor much of one.
 */
bool		 cell_is_wordy(struct text);

/*
 * It has the look of a key of Elastic Cloud ("essu_...") or of Elasticsearch
 * and ECE (base64 of parts with ":" between), whatever stands around it there
 * (key_peel.h).
 */
bool		 cell_looks_like_key(struct text);

/* The same, or the beginning of a key of Elastic Cloud. */
bool		 cell_may_be_key(struct text);

/*
 * A name that a key may have, made of any text: what may not be in it
 * becomes "-".  out takes CELL_NAME_SIZE bytes; empty where nothing is left.
 */
#define CELL_NAME_SIZE	65
void		 cell_make_name(struct text, char *out);

#endif
