/*
 * One cell of a table of keys by itself: what it may be, a key, the heading
 * of a column or just words.  Pure; knows nothing of what stands around it.
 */
#ifndef CLI_CELL_H
#define CLI_CELL_H

#include <stdbool.h>

#include "base/text.h"

/* What a heading says of its column. */
enum cell_label {
	CELL_NO_LABEL,		/* none of those that are known */
	CELL_KEY,
	CELL_NAME,
	CELL_EXPIRES,
};

/* Case, space and signs in it do not matter. */
enum cell_label	 cell_label(struct text);

/*
 * It may be in a message: a heading that is known, with nothing in it that
 * could be part of a key.
 */
bool		 cell_may_be_shown(struct text);

/* Made of short words or empty: no key is like that, nor much of one. */
bool		 cell_is_wordy(struct text);

/*
 * It has the look of a key of Elastic Cloud ("essu_...") or of Elasticsearch
 * and ECE (base64 of parts with ":" between).
 */
bool		 cell_looks_like_key(struct text);

/* The same, or the beginning of a key of Elastic Cloud. */
bool		 cell_may_be_key(struct text);

/* A key of Elastic Cloud whose check sum does not match. */
bool		 cell_is_damaged(struct text);

/*
 * A name that a key may have, made of any text: what may not be in it
 * becomes "-".  out takes CELL_NAME_SIZE bytes; empty where nothing is left.
 */
#define CELL_NAME_SIZE	65
void		 cell_make_name(struct text, char *out);

#endif
