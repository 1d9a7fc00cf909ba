/*
 * The content of a sealed file, read as the configuration is: keys, or a part
 * of a configuration that was sealed as a whole.
 */
#ifndef KEYFILE_KEYFILE_H
#define KEYFILE_KEYFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/lookup.h"
#include "base/text.h"
#include "conf/conf.h"
#include "conf/draft.h"
#include "conf/memory.h"

struct keyfile {
	struct conf_memory *memory, *scratch;
	struct draft draft;
	struct lookup names;
};

/*
 * Reads a text.  False where it has errors, which name the file and the lines
 * of the text.  keyfile_free() it in either case.
 */
bool	keyfile_read(struct keyfile *, struct text, const char *file,
	    struct conf_diagnostics *);

/* Whether it is a text in libconfig's syntax, whatever is in it. */
bool	keyfile_is_text(struct text);

/* Wipes the keys. */
void	keyfile_free(struct keyfile *);

size_t	keyfile_count(const struct keyfile *);
const struct conf_key *keyfile_key(const struct keyfile *, size_t);
const char *keyfile_name(const struct keyfile *, size_t);

/* The index of a key with this name, or SIZE_MAX. */
size_t	keyfile_find(const struct keyfile *, const char *name);

/*
 * Whether both have the same keys in the same order, except the i-th of b;
 * SIZE_MAX: no exception.
 */
bool	keyfile_same_but(const struct keyfile *a, const struct keyfile *b,
	    size_t i);

/* The keys of b, and no client less or more, begin those of a. */
bool	keyfile_begins_with(const struct keyfile *a, const struct keyfile *b);

/*
 * Whether the first keys of a are those of b, with the same number of clients.
 */
bool	keyfile_begins_with(const struct keyfile *a, const struct keyfile *b);

#endif
