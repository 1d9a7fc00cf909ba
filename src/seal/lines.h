/* The lines of a file of identities or recipients that are not comments. */
#ifndef SEAL_LINES_H
#define SEAL_LINES_H

#include "base/encoding.h"
#include "base/text.h"

struct lines {
	struct text rest;
	unsigned number;	/* of the line taken last, from 1 */
};

/* Starts at the first line, behind a byte order mark. */
static inline struct lines
lines_of(struct text t)
{
	size_t mark = encoding_mark(t);

	return (struct lines){ .rest = { .p = t.p + mark, .n = t.n - mark } };
}

/*
 * Takes the next line that is neither empty nor a comment; its end may be
 * CRLF.  False at the end of the file.
 */
static inline bool
lines_next(struct lines *l, struct text *line)
{
	while (l->rest.n != 0 && text_split(&l->rest, '\n', line)) {
		l->number++;
		if (text_ends_with(*line, TEXT("\r")))
			line->n--;
		if (line->n != 0 && line->p[0] != '#')
			return true;
	}
	return false;
}

#endif
