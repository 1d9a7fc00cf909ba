/*
 * What is in a sealed file, read as the configuration is: keys, or a part of
 * a configuration that was sealed as a whole.
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
 * Reads a text.  False where it has errors; those name the file and lines of
 * the text.  keyfile_free() in either case.
 */
bool	keyfile_read(struct keyfile *, struct text, const char *file,
	    struct conf_diagnostics *);

/* It is a text in libconfig's syntax, whatever it says. */
bool	keyfile_is_text(struct text);

/* Wipes the keys. */
void	keyfile_free(struct keyfile *);

size_t	keyfile_count(const struct keyfile *);
const struct conf_key *keyfile_key(const struct keyfile *, size_t);
const char *keyfile_name(const struct keyfile *, size_t);

/* The index of a key with this name, or SIZE_MAX. */
size_t	keyfile_find(const struct keyfile *, const char *name);

/* The same keys in the same order, but for the i-th of b; SIZE_MAX: none. */
bool	keyfile_same_but(const struct keyfile *a, const struct keyfile *b,
	    size_t i);

/* The keys of b, and no client less or more, begin those of a. */
bool	keyfile_begins_with(const struct keyfile *a, const struct keyfile *b);

/* a has as its first keys those of b, and the same number of clients. */
bool	keyfile_begins_with(const struct keyfile *a, const struct keyfile *b);

#endif
