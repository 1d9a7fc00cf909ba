/*
 * The words by which tables and answers of APIs call what belongs to a key:
 * headings of columns, names of members.  Pure.
 */
#ifndef KEYFILE_LABEL_H
#define KEYFILE_LABEL_H

#include "base/text.h"

/* What is called so. */
enum label {
	LABEL_NONE,		/* none of those that are known */
	LABEL_KEY,
	LABEL_NAME,
	LABEL_EXPIRES,
	LABEL_CREATED,
};

/* A longer one is not known. */
#define LABEL_MAX	24

/* Case, space and signs in it do not matter. */
enum label	 label_of(struct text);

#endif
