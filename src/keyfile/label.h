/*
 * The words that tables and answers of APIs use for the parts of a key:
 * headings of columns, names of members.  Pure.
 */
#ifndef KEYFILE_LABEL_H
#define KEYFILE_LABEL_H

#include "base/text.h"

/* The part that a word stands for. */
enum label {
	LABEL_NONE,		/* not a known word */
	LABEL_KEY,
	LABEL_NAME,
	LABEL_EXPIRES,
	LABEL_CREATED,
};

/* Longer words are not known. */
#define LABEL_MAX	24

/* Case, spaces and punctuation in it do not matter. */
enum label	 label_of(struct text);

#endif
