/*
 * The content of a sealed file, read as the configuration is: keys, or a part
 * of a configuration that was sealed as a whole.
 */
#ifndef KEYFILE_CONTENTS_H
#define KEYFILE_CONTENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/lookup.h"
#include "base/text.h"
#include "conf/conf.h"
#include "conf/draft.h"
#include "conf/memory.h"

struct contents {
	struct conf_memory *memory, *scratch;
	struct draft draft;
	struct lookup names;
};

/*
 * Reads a text.  False where it has errors, which name the file and the lines
 * of the text.  contents_free() it in either case.
 */
bool	contents_read(struct contents *, struct text, const char *file,
	    struct conf_diagnostics *);

/* Whether it is a text in libconfig's syntax, whatever is in it. */
bool	contents_is_text(struct text);

/* Wipes the keys. */
void	contents_free(struct contents *);

size_t	contents_count(const struct contents *);
const struct conf_key *contents_key(const struct contents *, size_t);
const char *contents_name(const struct contents *, size_t);

/* The index of a key with this name, or SIZE_MAX. */
size_t	contents_find(const struct contents *, const char *name);

/*
 * Whether both have the same keys in the same order, except the i-th of b;
 * SIZE_MAX: no exception.
 */
bool	contents_same_but(const struct contents *a, const struct contents *b,
	    size_t i);

/* The keys of b, and no client less or more, begin those of a. */
bool	contents_begins_with(const struct contents *a,
	    const struct contents *b);

/*
 * Whether the first keys of a are those of b, with the same number of clients.
 */
bool	contents_begins_with(const struct contents *a,
	    const struct contents *b);

#endif
